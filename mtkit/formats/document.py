"""A file of translators that is to be translated: what is open in it, and the same file with that filled.

Nothing else of the file changes: only the bytes of what is filled are written anew, so that encoding, byte
order mark, line ends, comments and the order of attributes stay as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import ClassVar

# Whose a translation is: a machine's, or that of a person, from a memory.
MACHINE, MEMORY = "mt", "tm"


@dataclass(frozen=True)
class Unit:
    """A text to translate.

    Attributes:
        text: may have several lines.
        where: file and line.
    """

    text: str
    where: str


class Document(ABC):
    """A file, opened.

    Attributes:
        codes: what must arrive in a translation as it is: names of `PRESETS`, or regular expressions.
        keyed: whether its texts may be labels with access keys.
        units: what is to be translated, in order.
        kept: how many units have a translation already, which stays.
    """

    codes: ClassVar[tuple[str, ...]] = ("placeholder", "tag", "url", "email")
    keyed: bool = True
    units: Sequence[Unit]
    kept: int

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing."""
        return ""

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """What whoever fills the file should know: a sentence each."""
        return []

    @abstractmethod
    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        """The file with a translation of each unit, marked as a machine's where the format allows.

        Args:
            translations: None leaves a unit open.
            remembered: the numbers of units whose translation is that of a memory, which a person made.
        """


def origin(number: int, remembered: Set[int]) -> str:
    """Whose the translation of a unit is: MACHINE or MEMORY."""
    return MEMORY if number in remembered else MACHINE

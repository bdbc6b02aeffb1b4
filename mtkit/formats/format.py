"""What mtkit can do with the files of one ending."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mtkit.formats.document import Document
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import one_line


@dataclass(frozen=True)
class PairOptions:
    """What is read of a file as training text, or as a memory.

    Attributes:
        languages: codes of source and target; EN-US serves en (see `languages.fit`).
        keep_codes: whether inline codes become tags (see `tags`); else they are dropped.
        keep_lines: whether texts keep white space and line ends that mean something; else they are on a line.
        invalid_utf8: "stop" raises at a line that is not UTF-8, "drop" marks its pair as damaged.
    """

    languages: tuple[str, str]
    keep_codes: bool = False
    keep_lines: bool = False
    invalid_utf8: str = "stop"

    def shaped(self, text: str) -> str:
        """A text of a file as it is where its lines are kept; else on one line."""
        return text if self.keep_lines else one_line(text)


@dataclass(frozen=True)
class FillOptions:
    """What of a file is to be translated.

    Attributes:
        languages: codes of source and target, nothing for any: columns of a table and texts of a memory are
            known by them, and what a catalogue or XLIFF says of itself must fit them.
        fuzzy: whether doubtful translations are to be made anew too.
    """

    languages: tuple[str, str] = ("", "")
    fuzzy: bool = False


@dataclass(frozen=True)
class Format:
    """A format. Both functions raise InputError that names file and line.

    Attributes:
        read_pairs: gives its pairs, each time that they are asked for; None where it is no training text.
        open_document: opens a file to fill it; None where it is not filled.
        has_states: whether a file says of a translation that it is doubtful.
    """

    read_pairs: Callable[[Path, PairOptions], Iterable[SentencePair]] | None = None
    open_document: Callable[[Path, FillOptions], Document] | None = None
    has_states: bool = False

"""A file of translators that is to be translated: what is open in it, and the same file with that filled.

Nothing else of the file changes: only the bytes of what is filled are written anew, so that encoding, byte
order mark, line ends, comments and the order of attributes stay as they are.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import AnyStr, ClassVar, Protocol

DOCUMENTS = frozenset(
    {
        ".po",
        ".xlf",
        ".xliff",
        ".sdlxliff",
        ".srt",
        ".vtt",
        ".json",
        ".csv",
        ".tsv",
        ".tmx",
        ".md",
        ".markdown",
    }
)
# Those of them that say of a translation that it is doubtful.
WITH_STATES = frozenset({".po", ".xlf", ".xliff", ".sdlxliff", ".tmx"})
# What is surely no plain text, but is not filled either. Tsonga and Arabic have the codes ts and arb: theirs
# begin otherwise.
OTHERS = frozenset(
    {
        ".pot",
        ".mqxliff",
        ".mxliff",
        ".txml",
        ".tbx",
        ".strings",
        ".stringsdict",
        ".xcstrings",
        ".resx",
        ".properties",
        ".jsonl",
        ".yaml",
        ".yml",
        ".xml",
        ".html",
        ".htm",
        ".xhtml",
        ".docx",
        ".doc",
        ".odt",
        ".rtf",
        ".pptx",
        ".ppt",
        ".odp",
        ".xlsx",
        ".xls",
        ".ods",
        ".pdf",
        ".epub",
        ".idml",
        ".ssa",
        ".ass",
        ".ttml",
        ".dfxp",
    }
)
OTHERS_THAT_BEGIN = {".ts": b"<", ".arb": b"{"}
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


class Document(Protocol):
    """A file, opened.

    Attributes:
        codes: what must arrive in a translation as it is: names of `protect.PRESETS`, or regular expressions.
        units: what is to be translated, in order.
        kept: how many units have a translation already, which stays.
        keyed: whether its texts may be labels with access keys.
    """

    keyed: bool
    codes: ClassVar[tuple[str, ...]]
    units: Sequence[Unit]
    kept: int

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing."""
        ...

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        """The file with a translation of each unit, marked as a machine's where the format allows; None
        leaves it open.

        Args:
            remembered: the numbers of units whose translation is that of a memory, which a person made.
        """
        ...

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """What whoever fills the file should know: a sentence each."""
        ...


def origin(number: int, remembered: Set[int]) -> str:
    """Whose the translation of a unit is: MACHINE or MEMORY."""
    return MEMORY if number in remembered else MACHINE


def changed(content: AnyStr, changes: Iterable[tuple[int, int, AnyStr]]) -> AnyStr:
    """A file, or its text, with something else in some places: (start, stop, what); they ascend."""
    parts, done = [], 0
    for start, stop, own in changes:
        parts += [content[done:start], own]
        done = stop
    return content[:0].join([*parts, content[done:]])


def line_numbers(content: str | bytes, places: Iterable[int], newline: str | bytes) -> Iterator[int]:
    """The line, from 1, of each of some places in a file; they ascend."""
    line, done = 1, 0
    for place in places:
        line += content.count(newline, done, place)
        done = place
        yield line


def open_document(path: Path, fuzzy: bool, languages: tuple[str, str] = ("", "")) -> Document:
    """Open a file whose ending is one of `DOCUMENTS`.

    Args:
        fuzzy: whether doubtful translations are to be made anew too.
        languages: codes of both sides, by which columns of a table and texts of a memory are known, and which
            what a catalogue or XLIFF says of itself must fit; nothing for any.

    Raises:
        InputError: it cannot be read, or is in other languages; names file and line.
    """
    match path.suffix.lower():
        case ".po":
            from mtkit.formats.po_document import PoDocument

            return PoDocument.open(path, fuzzy, languages[1])
        case ".xlf" | ".xliff" | ".sdlxliff":
            from mtkit.formats.xliff_document import XliffDocument

            return XliffDocument.open(path, fuzzy, languages)
        case ".tmx":
            from mtkit.formats.tmx_document import TmxDocument

            return TmxDocument.open(path, fuzzy, languages)
        case ".md" | ".markdown":
            from mtkit.formats.markdown_document import MarkdownDocument

            return MarkdownDocument.open(path)
    from mtkit.formats.span_document import open_spans

    return open_spans(path, languages)

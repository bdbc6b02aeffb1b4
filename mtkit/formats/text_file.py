"""A file with its encoding, and the same file with other text in some places."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import AnyStr, Generic, NamedTuple

from mtkit.errors import InputError
from mtkit.text.lines import BYTE_ORDER_MARK, read_whole

MARKS = {BYTE_ORDER_MARK: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Change(NamedTuple, Generic[AnyStr]):
    """What shall stand between two places of a file."""

    start: int
    stop: int
    text: AnyStr


@dataclass(frozen=True)
class TextFile:
    """The text of a file, and how it stands in its bytes.

    Attributes:
        mark: the byte order mark; nothing where there is none.
    """

    path: Path
    text: str
    encoding: str
    mark: bytes

    @classmethod
    def read(cls, path: Path) -> "TextFile":
        """UTF-8 unless a byte order mark says otherwise.

        Raises:
            InputError: it cannot be read, or is in another encoding; names file and line.
        """
        content = read_whole(path)
        mark, encoding = byte_order_mark(content)
        encoding = encoding or "utf-8"
        try:
            return cls(path, content[len(mark) :].decode(encoding), encoding, mark)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise InputError(
                f"{path}:{line}: not valid {encoding.upper()}; convert it, for example with iconv -t UTF-8"
            ) from None

    def line(self, place: int) -> int:
        """The line, from 1, that a place of the text is in."""
        return self.text.count("\n", 0, place) + 1

    def lines(self, places: Iterable[int]) -> Iterator[int]:
        """The line of each of some places; they ascend."""
        return line_numbers(self.text, places, "\n")

    def replaced(self, changes: Iterable[Change[str]]) -> bytes:
        """The content of the file with other text in some places; they ascend.

        Raises:
            InputError: the encoding has no such character.
        """
        text = spliced(self.text, changes)
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise InputError(
                f"the translations have {text[error.start]!r}, which {self.encoding} cannot write; convert"
                " the file to UTF-8"
            ) from None


def byte_order_mark(content: bytes) -> tuple[bytes, str]:
    """(the byte order mark of a file, the encoding that it tells); nothing and nothing without one."""
    return next(((mark, encoding) for mark, encoding in MARKS.items() if content.startswith(mark)), (b"", ""))


def lacking(encoding: str, text: str) -> str:
    """The first character of a text that an encoding cannot write, or nothing."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        return text[error.start]
    return ""


def spliced(content: AnyStr, changes: Iterable[Change[AnyStr]]) -> AnyStr:
    """A file, or its text, with something else in some places; they ascend."""
    parts, done = [], 0
    for start, stop, text in changes:
        parts += [content[done:start], text]
        done = stop
    return content[:0].join([*parts, content[done:]])


def line_numbers(content: AnyStr, places: Iterable[int], newline: AnyStr) -> Iterator[int]:
    """The line, from 1, of each of some places in a file; they ascend."""
    line, done = 1, 0
    for place in places:
        line += content.count(newline, done, place)
        done = place
        yield line

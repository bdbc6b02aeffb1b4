"""Lines of UTF-8 text, streamed: from a plain or gzipped file, or from a binary stream such as stdin.

Only "\\n" ends a line. Python's own text mode and `str.splitlines` also break lines at "\\r", and the latter
at U+2028, U+0085, "\\x0b" and "\\x0c", which all occur inside sentences: one such character would shift every
following line of a parallel corpus against its other side.
"""

import gzip
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mtkit.errors import InputError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def line_numbers_text(numbers: Sequence[int]) -> str:
    """'line 1, 3, 4, 9, 12, ...' of the numbers of lines: the first five."""
    return f"line {', '.join(map(str, numbers[:5]))}{', ...' if len(numbers) > 5 else ''}"


def read_text(path: Path) -> list[str]:
    """The lines of a file that mtkit itself wrote, all at once."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


class Cells(NamedTuple):
    """The first two cells of a line of a table, without the space around them.

    Attributes:
        number: of the line, from 1.
    """

    number: int
    source: str
    target: str


def read_cells(lines: Iterable[str], name: str, source: str) -> Iterator[Cells]:
    """The cells of each line of a table, between tabs; blank lines are left out.

    Args:
        name: what the table is called in error messages.
        source: what the first cell holds.

    Raises:
        InputError: a line without two cells that hold something; names the line.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2 or not cells[0]:
            raise InputError(
                f"{name}:{number}: a line has {source}, a tab and its translation. Received: {line!r}"
            )
        if not cells[1]:
            raise InputError(f"{name}:{number}: an empty translation of {cells[0]!r}")
        yield Cells(number, cells[0], cells[1])


def read_lines(stream: BinaryIO, name: str, invalid_utf8: str = "stop") -> Iterator[tuple[int, str]]:
    """The lines of a binary stream, without their ends, decoded.

    Args:
        stream: for example `sys.stdin.buffer`.
        name: what the stream is called in error messages.
        invalid_utf8: "stop" raises at a line that is not UTF-8; "drop" gives it with a half of a character
            for each bad byte (see `SentencePair.maybe_damaged`).

    Returns:
        An iterator of (line number from 1, text).

    Raises:
        InputError: a line is not valid UTF-8, or the stream cannot be read; names the line.
    """
    drops = invalid_utf8 == "drop"
    for number, raw in read_raw_lines(stream, name):
        yield number, raw.decode("utf-8", "surrogateescape") if drops else decode_line(raw, name, number)


def read_raw_lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a binary stream as bytes, without their ends and a byte order mark at the start."""
    number = 0
    lines = iter(stream)
    while True:
        try:
            raw = next(lines, None)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"{name}:{number + 1}: damaged or incomplete gzip file ({error}); get the file again"
            ) from None
        if raw is None:
            return
        number += 1
        if number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        raw = raw.removesuffix(b"\n")
        yield number, raw.removesuffix(b"\r")


def decode_line(raw: bytes, name: str, number: int) -> str:
    """The text of a line; raises InputError that names it if it is not valid UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} of the line is 0x{raw[error.start]:02x}"
        encoding = "ENCODING"
        if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            problem = "the file looks like UTF-16"
            encoding = "UTF-16"
        raise InputError(
            f"{name}:{number}: not valid UTF-8 ({problem}); convert it, for example with iconv -f {encoding}"
            " -t UTF-8"
        ) from None


def one_line(text: str) -> str:
    """Text with each run of white space as one space, and none around it."""
    return " ".join(text.split())


def read_whole(path: Path) -> bytes:
    """The content of a file, unpacked if its name ends in .gz; raises InputError where it cannot be read."""
    with open_text(path) as file:
        try:
            return file.read()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"{path}: damaged or incomplete gzip file ({error}); get the file again"
            ) from None


def open_text(path: Path) -> BinaryIO:
    """Open a text file for reading as bytes, through gzip if its name ends in .gz.

    Raises:
        InputError: the file does not exist or may not be read.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a text file")
        return gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


def visible(text: str) -> str:
    """A text for a terminal: characters that might steer it (control, format, private) as \\xNN, \\uNNNN."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character).startswith("C")
        else character
        for character in text
    )

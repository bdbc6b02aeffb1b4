"""The encoding of a file by its first bytes, and the text that it holds."""

import codecs
from pathlib import Path

from mtkit.errors import InputError
from mtkit.text.lines import BYTE_ORDER_MARK

MARKS = {BYTE_ORDER_MARK: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def byte_order_mark(content: bytes) -> tuple[bytes, str]:
    """(the byte order mark of a file, the encoding that it tells); nothing and nothing without one."""
    return next(((mark, encoding) for mark, encoding in MARKS.items() if content.startswith(mark)), (b"", ""))


def decoded(content: bytes, path: Path) -> tuple[str, str, bytes]:
    """(text, encoding, byte order mark) of a file: UTF-8 unless a mark says otherwise.

    Raises:
        InputError: it is in another encoding; names file and line.
    """
    mark, encoding = byte_order_mark(content)
    encoding = encoding or "utf-8"
    try:
        return content[len(mark) :].decode(encoding), encoding, mark
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}:{line}: not valid {encoding.upper()}; convert it, for example with iconv -t UTF-8"
        ) from None


def lacking(encoding: str, text: str) -> str:
    """The first character of a text that an encoding cannot write, or nothing."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        return text[error.start]
    return ""


def encoded(text: str, encoding: str, mark: bytes) -> bytes:
    """The content of a file with this text.

    Raises:
        InputError: the encoding has no such character.
    """
    if lacked := lacking(encoding, text):
        raise InputError(
            f"the translations have {lacked!r}, which {encoding} cannot write; convert the file to UTF-8"
        )
    return mark + text.encode(encoding)

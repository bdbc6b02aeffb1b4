"""Messages of a program in JSON: every string that is a value is a text to translate."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from mtkit.errors import InputError
from mtkit.formats.format import FillOptions, Format
from mtkit.formats.span_document import SpanDocument, TextSpan
from mtkit.formats.text_file import TextFile
from mtkit.writing import HALF_OF_A_CHARACTER

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_COLON = re.compile(r"\s*:")


class MessagesDocument(SpanDocument):
    """An opened file."""

    def __init__(self, path: Path, options: FillOptions):
        file = TextFile.read(path)
        super().__init__(file, list(_messages(file)))

    def written(self, translation: str, before: str) -> str:
        """A string of JSON, with letters and slashes escaped where they were; what says the same stays as it
        stands.
        """
        if translation == json.loads(before):
            return before
        text = json.dumps(translation, ensure_ascii="\\u" in before)
        return text.replace("/", r"\/") if r"\/" in before else text


def _messages(file: TextFile) -> Iterator[TextSpan]:
    """The strings that are values, not names."""
    try:
        json.loads(file.text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise InputError(f"{file.path}:{line}: no JSON ({getattr(error, 'msg', error)})") from None
    except RecursionError:
        raise InputError(f"{file.path}:1: no messages: lists within lists without end") from None
    for string in _STRING.finditer(file.text):
        value = json.loads(string[0])
        if HALF_OF_A_CHARACTER.search(value):
            raise InputError(f"{file.path}:{file.line(string.start())}: half of a character in {string[0]}")
        is_name = _COLON.match(file.text, string.end())
        if value.strip() and not is_name:
            yield TextSpan(string.start(), string.end(), value)


JSON_MESSAGES = Format(open_document=MessagesDocument)

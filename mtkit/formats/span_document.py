"""Files whose texts stand one after the other: subtitles, messages in JSON, a column of a table. What is between them stays."""

import json
import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Unit, changed, line_numbers
from mtkit.formats.encodings import decoded, encoded
from mtkit.formats.tables import DELIMITERS, SURROGATE, columns
from mtkit.text.lines import one_line, read_whole

Spans = list[tuple[int, int, str]]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_COLON = re.compile(r"\s*:")
_TIME = re.compile(r"[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->")
# What begins a block of WebVTT that is not shown.
_REMARK = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|\Z)")


@dataclass(frozen=True)
class SpanDocument:
    """An opened file (see `document.Document`).

    Attributes:
        spans: where the text of each unit is in the text of the file.
        written: a translation as it stands in the file; also told what stood there.
    """

    prose: ClassVar[bool] = False
    codes: ClassVar[tuple[str, ...]] = ("placeholder", "tag", "url", "email", r"<\d[\d:.]*>")
    units: tuple[Unit, ...]
    kept: int
    text: str
    encoding: str
    mark: bytes
    spans: tuple[tuple[int, int], ...]
    written: Callable[[str, str], str]

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing."""
        return ""  # these files can hold any text

    def notes(self, translations: Sequence[str | None]) -> list[str]:
        """What whoever fills the file should know: nothing."""
        return []

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        changes = (
            (start, stop, self.written(translation, self.text[start:stop]))
            for (start, stop), translation in zip(self.spans, translations, strict=True)
            if translation is not None
        )
        return encoded(changed(self.text, changes), self.encoding, self.mark)


def open_spans(path: Path, languages: tuple[str, str]) -> SpanDocument:
    """Open subtitles (.srt, .vtt), messages (.json) or a table with a head (.csv, .tsv).

    Raises:
        InputError: it cannot be read; names file and line.
    """
    text, encoding, mark = decoded(read_whole(path), path)
    kind = path.suffix.lower()
    if kind == ".json":
        found, kept, written = _messages(text, path), 0, _message
    elif kind in (".csv", ".tsv"):
        found, kept, delimiter = _cells(text, path, languages)
        written = partial(_cell, delimiter)
    else:
        found, kept, written = list(_cues(text, kind == ".vtt")), 0, _cue
    if not found and not kept:
        raise InputError(f"{path} holds nothing to translate")
    numbers = line_numbers(text, (start for start, *_ in found), "\n")
    units = tuple(Unit(own, f"{path}:{number}") for (*_, own), number in zip(found, numbers, strict=True))
    return SpanDocument(units, kept, text, encoding, mark, tuple((start, stop) for start, stop, _ in found), written)


def _messages(text: str, path: Path) -> Spans:
    """The strings of a JSON file that are values, not names."""
    try:
        json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise InputError(f"{path}:{line}: no JSON ({getattr(error, 'msg', error)})") from None
    except RecursionError:
        raise InputError(f"{path}:1: no messages: lists within lists without end") from None
    found = []
    for string in _STRING.finditer(text):
        value = json.loads(string[0])
        if SURROGATE.search(value):
            raise InputError(f"{path}:{text.count(chr(10), 0, string.start()) + 1}: half of a character in {string[0]}")
        if not _COLON.match(text, string.end()) and value.strip():
            found.append((string.start(), string.end(), value))
    return found


def _message(translation: str, before: str) -> str:
    """A string of JSON; its letters escaped where they were."""
    return json.dumps(translation, ensure_ascii="\\u" in before)


def _cues(text: str, web: bool) -> Iterator[tuple[int, int, str]]:
    """The texts of subtitles: the lines behind a line of times, up to a blank one, or to the next times; as one text.

    What is behind a blank line is a text of the same subtitle, but in WebVTT (`web`), where a blank line ends one, and remarks and
    styles stand between them. Lines that begin with a dash are what different people say, and stay lines.
    """
    lines = list(_lines(text))
    times = {number for number, (_, line) in enumerate(lines) if _TIME.match(line)}
    heads = times | {number - 1 for number in times if lines[number - 1][1].strip().isdigit()}
    own: list[tuple[int, str]] = []
    begun = remark = False
    for number, (start, line) in enumerate([*lines, (len(text), "")]):
        blank = not line.strip()
        if blank or number in heads:
            if re.search(r"[^\W\d_]", "".join(part for _, part in own)):
                parts = [one_line(part) for _, part in own]
                together = "\n" if len(parts) > 1 and all(part[:1] in "-–—" for part in parts) else " "
                yield own[0][0], own[-1][0] + len(own[-1][1]), together.join(parts)
            own = []
            begun = number in times or (begun and not (blank and web))
            remark = remark and not blank
        elif web and _REMARK.match(line) and (not number or not lines[number - 1][1].strip()):
            remark = True
        elif begun and not remark:
            own.append((start, line))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, the line without its end) of each line."""
    place = 0
    for line in text.split("\n"):
        yield place, line.removesuffix("\r")
        place += len(line) + 1


def _cue(translation: str, before: str) -> str:
    """A text in as many lines as stood there, of about the same length."""
    end = "\r\n" if "\r\n" in before else "\n"
    if "\n" in translation:
        return translation.replace("\n", end)
    count = before.count("\n") + 1
    words = translation.split(" ")
    lines: list[str] = []
    rest = len(translation)
    while words:
        line = words.pop(0)
        target = rest / max(1, count - len(lines))
        while words and (len(lines) == count - 1 or len(line) + 1 + len(words[0]) / 2 <= target):
            line += " " + words.pop(0)
        rest -= len(line) + 1
        lines.append(line)
    return end.join(lines)


def _cells(text: str, path: Path, languages: tuple[str, str]) -> tuple[Spans, int, str]:
    """(the empty cells of the target, with the text of their source; how many are full; what delimits cells)"""
    head = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    places = None
    found, kept = [], 0
    for row in _rows(text, delimiter, path):
        values = [_value(text[start:stop]) for start, stop in row]
        if places is None:
            places = columns(values, *languages, str(path))
        elif len(row) > max(places) and values[places[0]].strip():
            if values[places[1]].strip():
                kept += 1
            else:
                found.append((*row[places[1]], values[places[0]]))
    return found, kept, delimiter


def _rows(text: str, delimiter: str, path: Path) -> Iterator[list[tuple[int, int]]]:
    """Where the cells of each row are, with their quotation marks, which quote where they begin a cell."""
    row, start, quoted = [], 0, text[:1] == '"'
    skip = quoted
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            if character == '"':
                # Two of them are one that is meant, and one ends the quotation.
                skip = text[place + 1 : place + 2] == '"'
                quoted = skip
        elif character in (delimiter, "\n"):
            row.append((start, place - (character == "\n" and text[place - 1 : place] == "\r" and place > start)))
            start = place + 1
            quoted = skip = text[start : start + 1] == '"'
            if character == "\n":
                yield row
                row = []
    if quoted:
        raise InputError(f"{path}:{text.count(chr(10), 0, start) + 1}: a quotation mark is never closed")
    if start < len(text) or row:
        yield [*row, (start, len(text))]


def _value(cell: str) -> str:
    """What a cell holds."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _cell(delimiter: str, translation: str, before: str) -> str:
    """A cell, in quotation marks where it needs them."""
    if before.strip() == '""' or any(sign in translation for sign in ('"', "\n", "\r", delimiter)):
        return '"' + translation.replace('"', '""') + '"'
    return translation

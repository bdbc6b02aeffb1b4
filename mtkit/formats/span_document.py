"""Files whose texts stand one after the other: subtitles, messages in JSON, a column of a table. What is
between them stays.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from mtkit.errors import InputError
from mtkit.formats.document import Unit, changed, line_numbers
from mtkit.formats.encodings import decoded, encoded
from mtkit.formats.tables import QUOTED, SURROGATE, columns, delimiter, is_tabbed, misfit, unquoted
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
        keyed: whether its texts may be labels with access keys, as those of subtitles are not.
        whys: why some units cannot be filled, by their number.
        written: a translation as it stands in the file; also told what stood there.
    """

    codes: ClassVar[tuple[str, ...]] = ("placeholder", "tag", "url", "email", r"<\d[\d:.]*>")
    units: tuple[Unit, ...]
    keyed: bool
    kept: int
    text: str
    encoding: str
    mark: bytes
    spans: tuple[tuple[int, int], ...]
    whys: Mapping[int, str]
    written: Callable[[str, str], str]

    def fault(self, number: int, text: str) -> str:
        """Why a text cannot be the translation of a unit, or nothing."""
        return self.whys.get(number, "")  # else these files can hold any text

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
    whys, kept, keyed = {}, 0, kind in (".json", ".csv", ".tsv")
    if kind == ".json":
        found, written = _messages(text, path), _message
    elif kind in (".csv", ".tsv"):
        between = delimiter(path, text.partition("\n")[0])
        found, whys, kept = _cells(text, path, between, languages)
        written = _tabbed_cell if is_tabbed(path) else partial(_cell, between)
    else:
        found, written = list(_cues(text, kind == ".vtt")), _cue
    if not found and not kept:
        raise InputError(f"{path} holds nothing to translate")
    numbers = line_numbers(text, (start for start, *_ in found), "\n")
    units = tuple(Unit(own, f"{path}:{number}") for (*_, own), number in zip(found, numbers, strict=True))
    return SpanDocument(
        units,
        keyed,
        kept,
        text,
        encoding,
        mark,
        tuple((start, stop) for start, stop, _ in found),
        whys,
        written,
    )


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
            raise InputError(
                f"{path}:{text.count(chr(10), 0, string.start()) + 1}: half of a character in {string[0]}"
            )
        if not _COLON.match(text, string.end()) and value.strip():
            found.append((string.start(), string.end(), value))
    return found


def _message(translation: str, before: str) -> str:
    """A string of JSON; its letters and slashes escaped where they were. What says the same stays as it
    stands.
    """
    if translation == json.loads(before):
        return before
    text = json.dumps(translation, ensure_ascii="\\u" in before)
    return text.replace("/", r"\/") if r"\/" in before else text


def _cues(text: str, web: bool) -> Iterator[tuple[int, int, str]]:
    """The texts of subtitles: the lines behind a line of times, up to a blank one, or to the next times; as
    one text.

    What is behind a blank line is a text of the same subtitle, but in WebVTT (`web`), where a blank line ends
    one, and remarks and styles stand between them. Lines that begin with a dash are what different people
    say, and stay lines.
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
                indent = len(own[0][1]) - len(own[0][1].lstrip())
                yield (
                    own[0][0] + indent,
                    own[-1][0] + len(own[-1][1].rstrip()),
                    _said([part for _, part in own]),
                )
            own = []
            begun = number in times or (begun and not (blank and web))
            remark = remark and not blank
        elif web and _REMARK.match(line) and (not number or not lines[number - 1][1].strip()):
            remark = True
        elif begun and not remark:
            own.append((start, line))


def _said(lines: Sequence[str]) -> str:
    """What the lines of a subtitle say."""
    parts = [one_line(line) for line in lines]
    return ("\n" if len(parts) > 1 and all(part[:1] in "-–—" for part in parts) else " ").join(parts)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, the line without its end) of each line."""
    place = 0
    for line in text.split("\n"):
        yield place, line.removesuffix("\r")
        place += len(line) + 1


def _cue(translation: str, before: str) -> str:
    """A text in as many lines as stood there, of about the same length; what says the same stays as it
    stands.
    """
    if translation == _said(before.split("\n")):
        return before
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


def _cells(
    text: str, path: Path, between: str, languages: tuple[str, str]
) -> tuple[Spans, dict[int, str], int]:
    """(the empty cells of the target, with the text of their source; why some cannot be filled; how many are
    full)

    Args:
        between: what stands between cells.
    """
    places: tuple[int, int] | None = None
    found: Spans = []
    whys: dict[int, str] = {}
    length = kept = 0
    for row in _rows(text, between, path):
        values = [unquoted(text[start:stop]) for start, stop in row]
        if places is None:
            places, length = columns(values, *languages, str(path)), len(values)
            continue
        source, target = ("".join(values[place : place + 1]) for place in places)
        if target.strip():
            kept += bool(source.strip())
        elif source.strip():
            if wrong := misfit(values, length, places):
                whys[len(found)] = wrong
            place = row[min(places[1], len(row) - 1)]
            found.append((*place, source))
    return found, whys, kept


def _rows(text: str, between: str, path: Path) -> Iterator[list[tuple[int, int]]]:
    """Where the cells of each row are, with their quotation marks."""
    end = re.compile(rf"{re.escape(between)}|\r?\n|\Z")
    quotes = not is_tabbed(path)
    row, place = [], 0
    while place < len(text) or row:
        if quotes and text.startswith('"', place):
            cell = QUOTED.match(text, place)
            stop = cell and end.match(text, cell.end())
            if not stop:
                wrong = (
                    "text behind the quotation mark that closes a cell"
                    if cell
                    else "a quotation mark is never closed"
                )
                raise InputError(
                    f"{path}:{text.count(chr(10), 0, cell.end() if cell else place) + 1}: {wrong}"
                )
        else:
            stop = end.search(text, place)
        row.append((place, stop.start()))
        place = stop.end()
        if stop[0] != between:
            yield row
            row = []


def _cell(between: str, translation: str, before: str) -> str:
    """A cell, in quotation marks where it needs them."""
    if before.strip() == '""' or any(sign in translation for sign in ('"', "\n", "\r", between)):
        return _quoted(translation)
    return translation


def _tabbed_cell(translation: str, before: str) -> str:
    """A cell of a table of tabs: on one line, and in quotation marks where they stood, or its own would be
    read as such.
    """
    text = re.sub(r"[\t\r\n]", " ", translation)
    return _quoted(text) if before.strip() == '""' or QUOTED.fullmatch(text) else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'

"""Tables whose columns have names: CSV and TSV with a head, and JSON lines; streamed."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtkit.errors import InputError
from mtkit.formats.languages import best
from mtkit.text.corpus import SentencePair
from mtkit.text.lines import decode_line, one_line, open_text, read_raw_lines

# What the column of a side may be called, beside the code of its language.
NAMES = {"source": ("source", "src"), "target": ("target", "tgt", "trg", "translation", "ref", "reference")}
DELIMITERS = ",;\t|"
SURROGATE = re.compile("[\ud800-\udfff]")
QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
# A cell of more is a mistake: most likely a quotation mark that is never closed.
csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class CsvCorpus:
    """The pairs of a table with a head, in which a column is named after each language, or "source" and
    "target".

    Cells may be quoted, and then hold line ends; the delimiter is the one of `,;` tab `|` that stands most
    often in the head. In .tsv it is the tab, and a row is a line: a quotation mark that is not closed before
    the next tab is text.
    """

    path: Path
    source_language: str
    target_language: str

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line.

        Raises:
            InputError: no such columns, a row without them or with more, or a quotation mark that is never
                closed; names file and line.
        """
        name = str(self.path)
        with open_text(self.path) as file:
            lines = (decode_line(raw, name, number) + "\n" for number, raw in read_raw_lines(file, name))
            head = next(lines, "")
            if not head.strip():
                raise InputError(f"{name}:1: no head: the first line of a .csv file names its columns")
            tabbed = is_tabbed(self.path)
            quoting = csv.QUOTE_NONE if tabbed else csv.QUOTE_MINIMAL
            reader = csv.reader(
                _rejoined(head, lines), delimiter=delimiter(self.path, head), quoting=quoting, strict=True
            )
            rows = ([unquoted(cell) for cell in row] for row in reader) if tabbed else reader
            last = 1
            try:
                names = next(rows)
                places = columns(names, self.source_language, self.target_language, name)
                for row in rows:
                    first, last = last + 1, reader.line_num
                    if not any(cell.strip() for cell in row):
                        continue
                    if wrong := misfit(row, len(names), places):
                        raise InputError(f"{name}:{first}: {wrong}")
                    source, target = (one_line(row[place]) for place in places)
                    yield SentencePair(source, target, name, first)
            except csv.Error as error:
                raise InputError(
                    f"{name}:{last + 1}: no table ({error}); is a quotation mark never closed?"
                ) from None


def _rejoined(head: str, lines: Iterator[str]) -> Iterator[str]:
    yield head
    yield from lines


def is_tabbed(path: Path) -> bool:
    """Whether a file is a table of tabs: .tsv, plain or .gz."""
    return path.name.lower().removesuffix(".gz").endswith(".tsv")


def delimiter(path: Path, head: str) -> str:
    """What stands between the cells of a table with this head."""
    return "\t" if is_tabbed(path) else max(DELIMITERS, key=head.count)


def unquoted(cell: str) -> str:
    """What a cell holds."""
    found = QUOTED.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell


def misfit(row: Sequence[str], length: int, places: tuple[int, int]) -> str:
    """Why a row cannot stand under a head, or nothing: it lacks a side, or has a cell that no column is for.

    Args:
        length: how many columns the head has.
        places: those of both sides.
    """
    if len(row) > max(places) and not any(cell.strip() for cell in row[length:]):
        return ""
    return f"a row of {len(row)} cells; the head has {length}"


def columns(names: list[str], source_language: str, target_language: str, file: str) -> tuple[int, int]:
    """The places of both sides among the columns of a head.

    Raises:
        InputError: they are not there; names file and columns.
    """
    stripped = [name.strip().lower() for name in names]
    found = []
    for side, language in (("source", source_language), ("target", target_language)):
        place = best(language, stripped)
        if place is None:
            place = next((stripped.index(name) for name in NAMES[side] if name in stripped), None)
        found.append(place)
    if None in found or found[0] == found[1]:
        held = ", ".join(names)
        raise InputError(
            f"{file}:1: no columns for {source_language} and {target_language}, nor source and target; the"
            f" head has: {held[:200]}"
        )
    return found[0], found[1]


@dataclass(frozen=True)
class JsonCorpus:
    """The pairs of JSON lines: an object a line, whose keys name both sides as the head of a table does.

    They may stand in an object of their own under "translation".
    """

    path: Path
    source_language: str
    target_language: str

    def __iter__(self) -> Iterator[SentencePair]:
        """The pairs in order, each on one line.

        Raises:
            InputError: a line that is no such object; names file and line.
        """
        name = str(self.path)
        pairs = 0
        with open_text(self.path) as file:
            for number, raw in read_raw_lines(file, name):
                text = decode_line(raw, name, number)
                if text.strip():
                    pairs += 1
                    yield SentencePair(*self._sides(text, f"{name}:{number}"), name, number)
        if not pairs:
            raise InputError(f"{name} is empty; it has an object on each line")

    def _sides(self, text: str, where: str) -> tuple[str, str]:
        try:
            row: Any = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f"{where}: no JSON; a line of a .jsonl file is an object") from None
        if isinstance(row, dict) and isinstance(row.get("translation"), dict):
            row = row["translation"]
        if not isinstance(row, dict):
            raise InputError(f"{where}: no object; a line of a .jsonl file is an object with both sides")
        names = list(row)
        try:
            places = columns(names, self.source_language, self.target_language, where)
        except InputError:
            wanted = f"{self.source_language} and {self.target_language}, nor source and target"
            raise InputError(f"{where}: no keys for {wanted}; it has: {', '.join(names)[:200]}") from None
        sides = [row[names[place]] for place in places]
        if not all(isinstance(side, str) for side in sides):
            raise InputError(f"{where}: a side is no text")
        if any(SURROGATE.search(side) for side in sides):
            raise InputError(f"{where}: half of a character, as \\ud83d by itself")
        return one_line(sides[0]), one_line(sides[1])


def is_headed(path: Path, source_language: str, target_language: str) -> bool:
    """Whether the first line of a .tsv file names its columns, and is no pair of sentences itself."""
    with open_text(path) as file:
        _, raw = next(read_raw_lines(file, str(path)), (0, b""))
    try:
        columns(
            [unquoted(cell) for cell in raw.decode("utf-8").split("\t")],
            source_language,
            target_language,
            str(path),
        )
        return True
    except (InputError, UnicodeDecodeError):
        return False

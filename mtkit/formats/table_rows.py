"""Tables whose columns have names: which is for which side, and the rows, with where each cell stands.

Python's csv module does not say where a cell is, which is needed to fill it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mtkit.errors import InputError
from mtkit.formats.languages import best

# What the column of a side may be called, beside the code of its language.
SOURCE_NAMES = ("source", "src")
TARGET_NAMES = ("target", "tgt", "trg", "translation", "ref", "reference")
DOCUMENT_NAME = "document"
DELIMITERS = ",;\t|"
QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
# What is left of a cell that began in a line before, with its quotation mark.
_CLOSES = re.compile(r'(?:[^"]++|"")*+"')
# Letters of a cell that goes on over lines; more are a mistake: a quotation mark that is never closed.
MOST_LETTERS = 1_000_000


class Dialect(NamedTuple):
    """What is between cells, and whether quotation marks enclose that and line ends too."""

    delimiter: str
    quoting: bool

    @classmethod
    def of(cls, path: Path, head: str) -> "Dialect":
        """Of a table whose first line is known: the delimiter is what stands most often there. In .tsv it is
        the tab, a row is a line, and a quotation mark that is not closed before the next tab is text.
        """
        if path.name.lower().removesuffix(".gz").endswith(".tsv"):
            return cls("\t", quoting=False)
        return cls(max(DELIMITERS, key=head.count), quoting=True)


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: the line that it begins in, from 1.
        start: where it begins in the text of the file.
        cells: as they stand there, with their quotation marks.
    """

    line: int
    start: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it."""
        return not any(map(str.strip, self.cells))

    def value(self, column: int) -> str:
        """What is in a column; nothing where the row lacks it."""
        if column >= len(self.cells):
            return ""
        cell = self.cells[column]
        return unquoted(cell) if cell.startswith('"') else cell

    def place(self, column: int) -> tuple[int, int]:
        """Where a cell, with its quotation marks, begins and ends in the text of the file."""
        before = sum(len(cell) + 1 for cell in self.cells[:column])
        return self.start + before, self.start + before + len(self.cells[column])


class Columns(NamedTuple):
    """The columns of both sides."""

    source: int
    target: int


@dataclass(frozen=True)
class Head:
    """The first row of a table.

    Attributes:
        length: how many columns it has.
        columns: those of both sides.
        document: that of the names of documents; None where there is none.
    """

    length: int
    columns: Columns
    document: int | None = None

    @classmethod
    def of(cls, row: Row, languages: tuple[str, str], path: Path) -> "Head":
        """Raises InputError where it has no columns for two languages; names those that it has."""
        names = [unquoted(cell) for cell in row.cells]
        columns = columns_of(names, languages)
        if columns is None:
            raise InputError(
                f"{path}:1: no columns for {languages[0]} and {languages[1]}, nor source and target; the"
                f" head has: {', '.join(names)[:200]}"
            )
        document = _place([name.strip().lower() for name in names], (DOCUMENT_NAME,))
        return cls(len(names), columns, document)

    def misfit(self, row: Row) -> str:
        """Why a row cannot stand under it, or nothing: it lacks a side, or has a cell without a column."""
        if len(row.cells) == self.length:
            return ""
        too_much = any(unquoted(cell).strip() for cell in row.cells[self.length :])
        if len(row.cells) > max(self.columns) and not too_much:
            return ""
        return f"a row of {len(row.cells)} cells; the head has {self.length}"


def columns_of(names: Sequence[str], languages: tuple[str, str]) -> Columns | None:
    """The places of both sides among the names of columns; None where one is not there."""
    stripped = [name.strip().lower() for name in names]
    source = _column(stripped, languages[0], SOURCE_NAMES)
    target = _column(stripped, languages[1], TARGET_NAMES)
    return None if source is None or target is None or source == target else Columns(source, target)


def _column(names: list[str], language: str, others: tuple[str, ...]) -> int | None:
    place = best(language, tuple(names))
    if place is not None:
        return place
    return _place(names, others)


def _place(names: list[str], wanted: tuple[str, ...]) -> int | None:
    """Where the first of some names stands that there is; None where there is none."""
    return next((names.index(name) for name in wanted if name in names), None)


def unquoted(cell: str) -> str:
    """What a cell holds."""
    if cell.count('"') == 2 and cell.startswith('"') and cell.endswith('"'):
        return cell[1:-1]
    quoted = QUOTED.fullmatch(cell)
    return quoted[1].replace('""', '"') if quoted else cell


def read_rows(lines: Iterable[str], dialect: Dialect, path: Path) -> Iterator[Row]:
    """The rows of a table.

    Args:
        lines: of its file, with their ends.

    Raises:
        InputError: a quotation mark is never closed, or has text behind it; names file and line.
    """
    reader = _Reader(dialect, path)
    first, start, length = 1, 0, 0
    for number, line in enumerate(lines, 1):
        length += len(line)
        cells = reader.read(line, number)
        if cells is not None:
            yield Row(first, start, cells)
            first, start = number + 1, start + length
            length = 0
    if reader.opened:
        raise reader.never_closed()


def _without_end(line: str) -> str:
    """A line without what ends it."""
    return line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line


class _Reader:
    """Reads rows, a line at a time.

    Attributes:
        opened: the parts of a cell whose quotation mark is not closed yet.
        line: the line that it began in.
    """

    def __init__(self, dialect: Dialect, path: Path):
        self.dialect, self.path = dialect, path
        delimiter = re.escape(dialect.delimiter)
        self._pattern = re.compile(rf'("(?:[^"]++|"")*+"|(?!")[^{delimiter}]*+)(?:{delimiter}|\Z)')
        self.opened: list[str] = []
        self.line = 0
        self._cells: list[str] = []
        self._letters = 0

    def never_closed(self) -> InputError:
        """What is wrong where a cell does not end."""
        return InputError(f"{self.path}:{self.line}: a quotation mark is never closed")

    def read(self, line: str, number: int) -> list[str] | None:
        """The cells of a row that ends with a line; None where it goes on."""
        bare = _without_end(line)
        if not self.opened:
            if not (self.dialect.quoting and '"' in bare):
                return bare.split(self.dialect.delimiter)
            return self._regular_cells(bare) or self._read_cells(line, bare, 0, number)
        closing = _CLOSES.match(line)
        if closing is None:
            self._go_on(line)
            return None
        self._cells.append("".join([*self.opened, closing[0]]))
        self.opened, self._letters = [], 0
        return self._read_cells(line, bare, self._behind(bare, closing.end(), number), number)

    def _regular_cells(self, bare: str) -> list[str] | None:
        """The cells of a line whose quotation marks are where they should be; else None."""
        cells = self._pattern.findall(bare)
        # Behind the last character there is one more to find.
        if not bare.endswith(self.dialect.delimiter):
            cells.pop()
        return cells if sum(map(len, cells)) + len(cells) - 1 == len(bare) else None

    def _read_cells(self, line: str, bare: str, place: int, number: int) -> list[str] | None:
        """The same from a place in the line on, in which there are quotation marks."""
        while place <= len(bare):
            if bare.startswith('"', place):
                quoted = QUOTED.match(bare, place)
                if quoted is None:
                    self.line = number
                    self._go_on(line[place:])
                    return None
                self._cells.append(quoted[0])
                place = self._behind(bare, quoted.end(), number)
            else:
                stop = bare.find(self.dialect.delimiter, place)
                stop = len(bare) if stop < 0 else stop
                self._cells.append(bare[place:stop])
                place = stop + 1
        cells, self._cells = self._cells, []
        return cells

    def _go_on(self, part: str) -> None:
        """A part of a cell that goes on in the next line."""
        self.opened.append(part)
        self._letters += len(part)
        if self._letters > MOST_LETTERS:
            raise self.never_closed()

    def _behind(self, bare: str, place: int, number: int) -> int:
        """Where the next cell begins, behind a quotation mark that closes one."""
        if place < len(bare) and not bare.startswith(self.dialect.delimiter, place):
            raise InputError(f"{self.path}:{number}: text behind the quotation mark that closes a cell")
        return place + 1

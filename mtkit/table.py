"""How a number is written, and how a table is: as plain text, as Markdown, or as HTML (pages/templates)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    import rich.table

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Signs that Markdown reads.
_MARKDOWN_SIGNS = frozenset("\\`*_[]<>|#&~$")
_MEGA = 1e6


def score_text(score: float | None) -> str:
    """A score of 0 to 100: 31.42; nothing where there is none."""
    return "" if score is None else f"{score:.2f}"


def difference_text(difference: float) -> str:
    """A difference of scores: +0.31."""
    return f"{difference:+.2f}"


def interval_text(low: float, high: float) -> str:
    """The bounds of a score: 30.80 - 32.05."""
    return f"{low:.2f} - {high:.2f}"


def p_text(p: float) -> str:
    """A p-value: 0.0120."""
    return f"{p:.4f}"


def share_text(share: float) -> str:
    """A share, a ratio or a perplexity: 0.917."""
    return f"{share:.3f}"


def count_text(count: float) -> str:
    """How many: 12,400; or how many a second."""
    return f"{count:,.0f}"


def short_count_text(count: int) -> str:
    """About how many: 1.9 M."""
    return f"{count / _MEGA:.1f} M" if count >= _MEGA else f"{count / 1e3:.0f} k"


def time_text(seconds: float) -> str:
    """About how long: 12 min, 3.5 h."""
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def is_number(text: str) -> bool:
    """Whether the text of a cell is a number, or nothing."""
    digits = text.lstrip("+-").removesuffix("%").replace(".", "").replace(",", "")
    return not text or digits.isdigit()


def holds_numbers(cells: Sequence[str]) -> bool:
    """Whether the cells of a column are numbers, so that they end below each other."""
    return any(cells) and all(map(is_number, cells))


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head.

    Attributes:
        head: names of the columns.
        rows: each with a cell for each column.
        title: what it is about; may be empty, as the note.
        note: how to read it.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    note: str = ""

    @property
    def columns(self) -> list[list[str]]:
        """The cells of each column, without its head."""
        return [[row[place] for row in self.rows] for place in range(len(self.head))]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        return [holds_numbers(column) for column in self.columns]

    def without_empty(self) -> "Table":
        """The same without the columns in which nothing stands."""
        if not self.rows:
            return self
        kept = [place for place, column in enumerate(self.columns) if any(column)]
        rows = [[row[place] for place in kept] for row in self.rows]
        return replace(self, head=[self.head[place] for place in kept], rows=rows)


def printable(text: str) -> str:
    """Text that does nothing to a terminal or a table: a space for each control character."""
    return _CONTROL.sub(" ", text)


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells in columns; numbers end below each other, words begin so. The first row is a head."""
    rows = [[printable(cell) for cell in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    numeric = [holds_numbers(column[1:]) for column in columns]
    lines = []
    for row in rows:
        cells = map(_padded, row, widths, numeric)
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def table_text(table: Table) -> str:
    """A table in columns, without its title and note."""
    return aligned([table.head, *table.rows])


def _padded(cell: str, width: int, numeric: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if numeric else cell + space


def rich_table(table: Table) -> "rich.table.Table":
    """A table with lines around it, for `Reporter.show`."""
    import rich.table

    framed = rich.table.Table(title=table.title or None, title_justify="left")
    for name, numeric in zip(table.head, table.numeric, strict=True):
        framed.add_column(name, justify="right" if numeric else "left")
    for row in table.rows:
        framed.add_row(*row)
    return framed


class PlainText:
    """Text for a terminal or a file.

    Attributes:
        arrow: between two numbers of which one becomes the other.
        mark: what stands before marked words, and behind them.
    """

    arrow = "->"
    mark = ("[", "]")

    def escape(self, text: str) -> str:
        """Text as it is shown."""
        return printable(text)

    def heading(self, title: str) -> str:
        """The first line of a part."""
        return f"{self.escape(title)}\n"

    def table(self, table: Table) -> str:
        """A table with its title and its note."""
        note = f"{self.escape(table.note)}\n" if table.note else ""
        return f"{self.heading(table.title)}{table_text(table)}{note}\n"

    def listing(self, title: str, rows: Sequence[tuple[str, str]]) -> str:
        """A list of names with what belongs to each.

        Args:
            rows: (name, text that is escaped already).
        """
        return f"\n{title}\n{aligned(rows)}"

    def part(self, title: str, listings: Iterable[str]) -> str:
        """Lists below a heading."""
        return f"{self.heading(title)}{''.join(listings)}\n"


class Markdown(PlainText):
    """Text that becomes a page."""

    arrow = "→"
    mark = ("**", "**")

    def escape(self, text: str) -> str:
        signs = (f"\\{sign}" if sign in _MARKDOWN_SIGNS else sign for sign in printable(text))
        return "".join(signs)

    def heading(self, title: str) -> str:
        return f"## {self.escape(title)}\n\n"

    def table(self, table: Table) -> str:
        rule = "|---" * len(table.head) + "|\n"
        rows = "".join(map(self._row, table.rows))
        note = f"{self.escape(table.note)}\n\n" if table.note else ""
        return f"{self.heading(table.title)}{self._row(table.head)}{rule}{rows}\n{note}"

    def listing(self, title: str, rows: Sequence[tuple[str, str]]) -> str:
        lines = [f"- {self.escape(name)}: {text}\n" for name, text in rows]
        return f"{title[:1].upper()}{title[1:]}\n\n{''.join(lines)}\n"

    def part(self, title: str, listings: Iterable[str]) -> str:
        return f"{self.heading(title)}{''.join(listings)}"

    def _row(self, cells: Iterable[str]) -> str:
        return f"| {' | '.join(map(self.escape, cells))} |\n"

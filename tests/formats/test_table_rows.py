"""Rows of tables, with where their cells are: as Python's csv module reads them."""

import csv
import random
import re
from pathlib import Path

import pytest

from mtkit.errors import InputError
from mtkit.formats.table_rows import MOST_LETTERS, Dialect, read_rows


def rows(text, delimiter=","):
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return list(read_rows(lines, Dialect(delimiter, quoting=True), Path("a.csv")))


def test_cells_are_those_of_csv():
    generator = random.Random(1)
    outcomes = set()
    for _ in range(5_000):
        text = "".join(generator.choices('ab,,"""\n ', k=generator.randrange(1, 14)))
        try:
            expected = list(csv.reader(re.findall(r"[^\n]*\n|[^\n]+", text), strict=True))
        except csv.Error:
            with pytest.raises(InputError):
                rows(text)
            outcomes.add("refused")
            continue
        read = rows(text)
        # To csv a blank line has no cell.
        values = [[row.value(column) for column in range(len(row.cells))] for row in read]
        assert values == [cells or [""] for cells in expected], text
        for row in read:
            places = [row.place(column) for column in range(len(row.cells))]
            assert [text[start:stop] for start, stop in places] == row.cells
        outcomes.add("read")
    assert outcomes == {"read", "refused"}


def test_a_cell_that_goes_on_and_on(tmp_path):
    with pytest.raises(InputError, match=r"a\.csv:2: a quotation mark is never closed"):
        rows('a,b\n"' + "c\n" * MOST_LETTERS)
    (row,) = rows('"' + "c\n" * 100_000 + '"')
    assert len(row.value(0)) == 200_000
    assert len(rows('"a\nb",' * 50_000)[0].cells) == 50_001

"""How numbers and tables are written."""

import pytest

from mtkit.table import (
    Markdown,
    PlainText,
    Table,
    aligned,
    count_text,
    difference_text,
    interval_text,
    is_number,
    p_text,
    score_text,
    short_count_text,
    time_text,
)

TABLE = Table(
    ["name", "score", "p"], [["a|b", "9.50", ""], ["c", "31.42", ""]], "Scores", "Less is *better*."
)


def test_numbers():
    assert (score_text(31.416), score_text(None), difference_text(0.306)) == ("31.42", "", "+0.31")
    assert (interval_text(30.8, 32.049), p_text(0.012)) == ("30.80 - 32.05", "0.0120")
    assert (count_text(12400), count_text(0.6)) == ("12,400", "1")
    assert (short_count_text(1_940_000), short_count_text(12_400)) == ("1.9 M", "12 k")
    assert (time_text(720), time_text(3 * 3600 + 1800)) == ("12 min", "3.5 h")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", True),
        ("1,200", True),
        ("-0.5", True),
        ("12%", True),
        ("-", False),
        ("1 - 2", False),
        ("a1", False),
    ],
)
def test_what_is_a_number(text, number):
    assert is_number(text) == number


def test_columns_of_numbers_end_below_each_other():
    assert TABLE.numeric == [False, True, False]
    assert TABLE.without_empty().head == ["name", "score"]
    assert Table(["a"], []).without_empty().head == ["a"]
    assert PlainText().table(TABLE.without_empty()) == (
        "Scores\nname  score\na|b    9.50\nc     31.42\nLess is *better*.\n\n"
    )
    # Letters that take two columns; what would move the cursor.
    assert aligned([["一二", "x"], ["a\tb", "y"]]) == "一二  x\na b   y\n"


def test_markdown_finds_nothing_to_read_in_a_cell():
    assert Markdown().table(TABLE.without_empty()) == (
        "## Scores\n\n| name | score |\n|---|---|\n| a\\|b | 9.50 |\n| c | 31.42 |\n"
        "\nLess is \\*better\\*.\n\n"
    )

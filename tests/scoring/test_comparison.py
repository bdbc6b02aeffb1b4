"""A comparison: what it finds, as text, Markdown and JSON."""

import json
from collections import Counter

import pytest

from mtkit.scoring.compare import compare_hypotheses, short_names
from mtkit.scoring.comparison_tables import (
    comparison_json,
    comparison_markdown,
    comparison_text,
    tables,
)
from mtkit.scoring.evaluation_text import EvaluationText
from mtkit.settings.score import CompareSettings
from tests.support.letters import LetterText

SOURCES = ["eine Katze sitzt hier", "ein Hund mit 2 Beinen", "Berlin", "viele Leute gehen dort", "ja"]
REFERENCE = ["a cat sits here", "a dog with 2 legs", "Berlin", "many people go there", "yes"]
FIRST = ["a cat sits there", "ein Hund mit 2 Beinen", "Berlin", "many many people many many people", ""]
OTHER = ["a cat sits here", "a dog with 2 legs", "Paris", "many | people *go*", "yes"]
SETTINGS = CompareSettings(bootstrap_samples=50, examples=2)


@pytest.fixture(scope="module")
def comparison():
    training = LetterText(Counter({"a": 500, "Berlin": 3, "Hund": 1, "eine": 9}))
    return compare_hypotheses(
        EvaluationText("test", SOURCES, [REFERENCE], True),
        [("one", FIRST), ("two", OTHER)],
        SETTINGS,
        training,
    )


def test_what_it_finds(comparison):
    one, two = comparison.habits
    assert (one.copies, one.empty, one.repetitive) == (1, 1, 1)
    assert (two.copies, two.empty, two.repetitive) == (0, 0, 0)
    assert two.length_ratio == pytest.approx((4 + 5 + 1 + 6 + 1) / 15)
    assert comparison.counted_in == "training text of DIR"
    (pair,) = comparison.pairs
    assert [example.line for example in pair.wins] == [5, 2]
    assert [example.line for example in pair.losses] == [3, 4]
    assert pair.losses[0].hypotheses == ("Berlin", "Paris")
    assert pair.losses[0].scores[0] == pytest.approx(100)
    assert all(example.difference > 0 for example in pair.wins)
    # All lines are short: one bucket of lengths tells nothing.
    assert {bucket.by for bucket in comparison.buckets} == {"frequency", "unknown", "number"}
    assert sum(accuracy.reference for accuracy in comparison.frequencies[0]) == 15


def test_as_text(comparison):
    text = comparison_text(comparison)
    assert "Where two does better than one\n\nline 5, chrF 0.0 -> 100.0" in text
    assert "one        [ein Hund mit] 2 [Beinen]\n" in text
    assert "F1 of words by how often they stand in the training text of DIR" in text
    for table in tables(comparison):
        assert table.title in text
        assert all(len(row) == len(table.head) for row in table.rows)


def test_as_markdown(comparison):
    text = comparison_markdown(comparison)
    assert text.startswith("# Comparison of one, two\n\n5 lines of the test text.\n")
    assert "- one: **ein Hund mit** 2 **Beinen**\n" in text
    assert "nrefs:1|bs:50|seed:12345" in text
    # What a line holds is no table and no emphasis.
    systems = [("p|q", ["<b> *a*"]), ("r", ["a b"])]
    text = comparison_markdown(compare_hypotheses(EvaluationText("x", None, [["a b"]]), systems, SETTINGS))
    assert "- p\\|q: **\\<b\\> \\*a\\***" in text
    for block in text.split("\n\n"):
        bars = [line.replace("\\|", "").count("|") for line in block.splitlines() if line.startswith("|")]
        assert len(set(bars)) <= 1, block


def test_as_json(comparison):
    found = json.loads(comparison_json(comparison))
    assert found == json.loads(json.dumps(comparison.as_dict()))
    one, two = found["systems"]
    assert (one["name"], "p" in one["scores"]["bleu"]) == ("one", False)
    assert two["scores"]["bleu"]["difference"] == pytest.approx(
        two["scores"]["bleu"]["score"] - one["scores"]["bleu"]["score"]
    )
    assert 0 < two["scores"]["ter"]["p"] <= 1
    assert two["ngrams"][0]["matched"] == 4 + 5 + 0 + 3 + 1
    assert found["pairs"][0]["losses"][0]["hypotheses"] == ["Berlin", "Paris"]


def test_files_alone_and_three_systems():
    text = EvaluationText("reference", None, [REFERENCE, REFERENCE])
    found = compare_hypotheses(
        text, [("one", FIRST), ("two", OTHER), ("three", REFERENCE)], CompareSettings(bootstrap_samples=0)
    )
    assert found.counted_in == "references"
    assert found.habits[0].copies is None
    assert [pair.other.name for pair in found.pairs] == ["two", "three"]
    assert found.systems[2].score("bleu") == pytest.approx(100)
    scores = next(tables(found))
    assert scores.head == ["metric", "system", "score", "difference"]  # no draws, no interval, no p
    assert "copies" not in comparison_text(found).split("Copies")[0]


def test_the_same_text_twice():
    found = compare_hypotheses(
        EvaluationText("x", None, [["a b c d"]]), [("one", ["a b c d"]), ("two", ["a b c d"])], SETTINGS
    )
    assert (found.pairs[0].wins, found.pairs[0].losses, found.pairs[0].gained) == ([], [], [])
    assert "does better" not in comparison_text(found)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["A", "B/"], ["A", "B"]),
        (["A/scores/test.txt", "B/scores/test.txt"], ["A", "B"]),
        (["x/out.a", "y/out.b"], ["out.a", "out.b"]),
        (["a/b", "b"], ["a/b", "b"]),
        (["a/x/1", "a/y/1", "a/x/2"], ["a/x/1", "a/y/1", "a/x/2"]),
    ],
)
def test_short_names(names, short):
    assert short_names(names) == short

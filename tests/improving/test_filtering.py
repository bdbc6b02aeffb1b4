"""The filters of synthetic pairs, each by hand."""

import math

import numpy as np
import pytest

from mtkit.data.spool import is_drawn
from mtkit.improving.filtering import REASONS, likelihood_limit, pair_reason, real_weight
from mtkit.improving.monolingual import KnownText, TargetLine, blocks, drawn
from mtkit.settings.improve import ImproveSettings
from mtkit.text.cleaning import near_text_hashes

SETTINGS = ImproveSettings(max_length_tokens=30, max_length_ratio=2.0, min_round_trip=20.0)
NONE = ImproveSettings(max_length_tokens=0, max_length_ratio=0.0, min_round_trip=0.0)


@pytest.mark.parametrize(
    ("source", "tokens", "complete", "round_trip", "reason"),
    [
        ("a dog", (2, 2), True, 90.0, ""),
        (" ", (0, 2), True, 90.0, "no source"),
        ("a dog a dog", (4, 2), False, 90.0, "cut off"),
        ("ein  Hund ", (2, 2), True, 90.0, "copy"),
        ("a dog", (31, 16), True, 90.0, "length"),
        ("a dog", (30, 15), True, 90.0, ""),
        ("a dog", (16, 31), True, 90.0, "length"),
        ("a dog", (21, 10), True, 90.0, "ratio"),
        ("a dog", (10, 21), True, 90.0, "ratio"),
        ("a dog", (20, 10), True, 90.0, ""),
        ("a dog", (10, 1), True, 90.0, ""),
        ("a dog", (2, 2), True, 19.9, "round trip"),
        ("a dog", (2, 2), True, 20.0, ""),
    ],
)
def test_reasons_of_pairs(source, tokens, complete, round_trip, reason):
    assert (
        pair_reason("ein Hund", source, tokens, SETTINGS, complete=complete, round_trip=round_trip) == reason
    )
    assert reason in ("", *REASONS)


@pytest.mark.parametrize(("tokens", "round_trip"), [((900, 2), 90.0), ((2, 900), 90.0), ((2, 2), 0.0)])
def test_a_limit_of_0_is_none(tokens, round_trip):
    assert pair_reason("ein Hund", "a dog", tokens, NONE, complete=True, round_trip=round_trip) == ""


def test_the_least_likely():
    """Of ten the lowest two; those that are equal to the next stay; a share of less than one is none."""
    ten = [-1.0, -0.1, -3.0, -0.2, -2.0, -0.5, -0.4, -0.3, -0.6, -0.7]
    assert likelihood_limit(ten, 0.2) == -1.0
    assert [one for one in ten if one < likelihood_limit(ten, 0.2)] == [-3.0, -2.0]
    assert likelihood_limit([-1.0] * 10, 0.5) == -1.0
    assert likelihood_limit(ten, 0.0) == likelihood_limit(ten, 0.09) == likelihood_limit([], 0.5) == -math.inf


def test_what_is_drawn_is_evenly_spread():
    assert [index for index in range(10) if is_drawn(index, 3, 10)] == [0, 4, 7]
    assert all(is_drawn(index, 12, 10) for index in range(10))
    for wanted, total in ((1, 7), (5, 7), (7, 7), (333, 1000)):
        assert sum(is_drawn(index, wanted, total) for index in range(total)) == wanted


def test_the_weight_of_real_pairs():
    """1,000 real and 4,000 synthetic: half are real where each is seen 4 times, a fifth as they are, and
    never fewer.
    """
    assert real_weight(1000, 4000, 0.5, 1000.0) == 4.0
    assert real_weight(1000, 4000, 0.2, 1000.0) == 1.0
    assert real_weight(1000, 4000, 0.75, 1000.0) == 12.0
    assert (
        real_weight(1000, 500, 0.5, 1000.0)
        == real_weight(1000, 4000, 0.0, 1000.0)
        == real_weight(1000, 0, 0.5, 1000.0)
        == 1.0
    )
    assert real_weight(1, 4000, 0.5, 1000.0) == 1000.0


class Words:
    """A tokenizer whose tokens are words."""

    def encode(self, texts):
        return [text.split() for text in texts]


def test_reasons_of_lines(tmp_path, monkeypatch):
    monkeypatch.setattr("mtkit.improving.monolingual.BLOCK_LINES", 3)
    (tmp_path / "one").write_text(
        "neu\n\nneu\nwahr\n  Wahr! \n- geheim.\nzwei Wörter hier\n", encoding="utf-8"
    )
    (tmp_path / "two").write_text("NEU\nauch\x0bneu\r\n", encoding="utf-8")
    known = KnownText(
        *(np.unique(near_text_hashes(texts)) for texts in (["geheim"], ["wahr", "anders"], ["true", "other"]))
    )
    files = (str(tmp_path / "one"), str(tmp_path / "two"))

    def judged():
        return blocks(files, known, Words(), 2)

    found = [line for block in judged() for line in block]
    assert [line.reason for line in found] == [
        "",
        "empty",
        "repeated",
        "real",
        "real",
        "held out",
        "length",
        "repeated",
        "",
    ]
    assert [len(block) for block in judged()] == [3, 3, 3]
    assert [(line.file[-3:], line.number, line.place, line.text) for line in found[6:]] == [
        ("one", 7, 6, "zwei Wörter hier"),
        ("two", 1, 7, "NEU"),
        ("two", 2, 8, "auch\x0bneu"),
    ]
    assert [line.reason for block in drawn(judged(), 1, 2) for line in block].count("not drawn") == 1
    (tmp_path / "one").write_text("True.\n", encoding="utf-8")
    assert next(judged())[0].reason == "source side"
    none = KnownText(*[np.zeros(0, np.uint64)] * 3)
    (tmp_path / "one").write_text(
        "neu\n\nneu\nwahr\n  Wahr! \n- geheim.\nzwei W\u00f6rter hier\n", encoding="utf-8"
    )
    assert [line.reason for block in blocks(files, none, Words(), 0) for line in block].count("") == 5


def test_each_round_draws_others():
    lines = [[TargetLine("file", number, number, str(number)) for number in range(10)]]
    rounds = [
        {line.number for block in drawn(lines, 5, 10, first) for line in block if not line.reason}
        for first in (0, 1)
    ]
    assert list(map(len, rounds)) == [5, 5] and not rounds[0] & rounds[1]

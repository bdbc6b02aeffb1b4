"""Rows of lineage: there and back, and through kills."""

import json

import pytest

from mtkit.errors import CheckpointError
from mtkit.improving.lineage import GrowingFile, SyntheticPair, read_pairs, write_pairs
from mtkit.improving.sources import kept_pairs, mark_least_likely

ROWS = [
    SyntheticPair(1, "mono.de", 1, 'Ein\u2028Hund \x85 \\ "', "A\u2028dog", "ab", "cd", 7, -0.25, 61.5),
    SyntheticPair(1, "mono.de", 2, "", reason="empty"),
    SyntheticPair(1, "mono.de", 3, "Die Katze", "The cat", "ab", "cd", None, -1.25, 12.0, "round trip"),
    SyntheticPair(1, "mono.de", 4, "Der Ball", "The ball", "ab", "cd", None, -0.75, 80.0),
]


def test_there_and_back(tmp_path):
    write_pairs(tmp_path / "rows", ROWS)
    assert list(read_pairs(tmp_path / "rows")) == ROWS
    lines = (tmp_path / "rows").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kept"] for line in lines] == [True, False, False, True]


@pytest.mark.parametrize("text", ["{}", "[1]", "nothing", '{"round": 1, "kept": true, "more": 2}'])
def test_a_damaged_row_is_named(tmp_path, text):
    (tmp_path / "rows").write_text(ROWS[0].row + text + "\n", encoding="utf-8")
    with pytest.raises(CheckpointError, match="rows:2 is damaged"):
        list(read_pairs(tmp_path / "rows"))


def test_what_a_kill_cut_short_is_taken_away(tmp_path):
    """Of blocks of two rows: with three and a half on the disk, two are whole."""
    path = tmp_path / "rows"
    with GrowingFile(path, 2) as growing:
        growing.add(ROWS[:2])
        growing.add(ROWS[2:])
    whole = path.read_bytes()
    first, second = (whole.split(b"\n")[place] for place in (0, 1))
    two = len(first) + len(second) + 2
    for size, rows in ((len(whole), 4), (len(whole) - 1, 2), (two + 40, 2), (two, 2), (two - 1, 0), (0, 0)):
        path.write_bytes(whole[:size])
        with GrowingFile(path, 2) as growing:
            assert growing.rows == rows
            for start in range(rows, 4, 2):
                growing.add(ROWS[start : start + 2])
        assert path.read_bytes() == whole


def test_the_least_likely_are_marked_and_the_rest_is_kept(tmp_path):
    write_pairs(tmp_path / "made", ROWS)
    mark_least_likely(tmp_path / "made", tmp_path / "synthetic.jsonl", 0.5)
    assert [one.reason for one in read_pairs(tmp_path / "synthetic.jsonl")] == [
        "",
        "empty",
        "round trip",
        "least likely",
    ]
    corpus, dropped = kept_pairs(tmp_path)
    assert (corpus.pairs, dropped) == (1, {"empty": 1, "round trip": 1, "least likely": 1})
    assert (tmp_path / "kept.source.txt").read_text(encoding="utf-8") == "A\u2028dog\n"
    assert (tmp_path / "kept.target.txt").read_bytes().decode() == ROWS[0].target + "\n"

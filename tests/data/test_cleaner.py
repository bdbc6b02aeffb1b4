"""What prepare drops by --drop and --keep, and what --dry-run tells of it without writing anything."""

from dataclasses import replace

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.cleaner import INVALID, Cleaner
from mtkit.data.prepare import prepare
from mtkit.data.preview import preview
from mtkit.errors import MtkitError
from mtkit.settings.prepare import KINDS
from mtkit.text.cleaning import evaluation_hashes
from mtkit.text.corpus import SentencePair
from tests.data.test_prepare import decoded, pairs_of_text, settings_for, write

LONG = "The old dog sleeps under the table in the kitchen."


def pair(source, target, damaged=False):
    return SentencePair(source, target, "file", 1, damaged)


def test_a_pair_is_of_the_first_kind_or_of_every_one():
    pairs = [pair("a 12", "b 13"), pair("a 12", "b 13"), pair("A 12!", "b 13"), pair("", ""), pair("a", "b", damaged=True)]
    pairs += [pair(LONG, "x"), pair("c", "d")]
    evaluation = {"test": evaluation_hashes([pair(LONG, "anders"), pair("c", "D")])}
    kinds = ("empty", "identical", "numbers", "duplicate", "near-duplicate", "leaked")
    first = Cleaner(kinds, ("en", "de"), evaluation).kinds(pairs)
    assert first == [["numbers"], ["numbers"], ["numbers"], ["empty"], [INVALID], ["leaked"], ["leaked"]]
    every = Cleaner(kinds, ("en", "de"), evaluation).kinds(pairs, every=True)
    assert every == [
        ["numbers"], ["numbers", "duplicate", "near-duplicate"], ["numbers", "near-duplicate"], ["empty", "identical"], [INVALID],
        ["leaked"], ["leaked"],
    ]  # fmt: skip
    assert Cleaner((), ("en", "de"), evaluation).kinds(pairs) == [[], [], [], [], [INVALID], [], []]
    assert Cleaner(kinds, ("en", "de"), {}).kinds([]) == []


def test_repetitions_are_known_from_one_chunk_to_the_next():
    cleaner = Cleaner(("duplicate", "near-duplicate"), ("en", "de"), {})
    assert cleaner.kinds([pair("a", "b")]) == [[]]
    assert cleaner.kinds([pair("A", "b."), pair("a", "b")]) == [["near-duplicate"], ["duplicate"]]


@pytest.fixture
def dirty(tmp_path):
    """A corpus with one pair of some kinds each, and the test text that it leaks."""
    good = pairs_of_text(200)
    bad = [("", "x"), ("same", "same"), good[3], (f"{good[4][0]}!", good[4][1]), ("In 1999 he came", "In 2001 kam er"),
           (LONG, "Etwas anderes 1"), ("the small house here", "x" * 400)]  # fmt: skip
    return write(tmp_path / "train", [*good, *bad]), write(tmp_path / "test", [(LONG, "Der Hund")])


def test_everything_that_can_be_dropped(tmp_path, dirty):
    train, test = dirty
    drop = {"drop": ("all",), "keep": ("wrong-script", "wrong-language", "symbols", "tags"), "tokenizer": "char"}
    settings = settings_for(train, test=(test,), max_length_tokens=0, max_length_ratio=0.0, **drop)
    checkpoint, rejects = Checkpoint(tmp_path / "checkpoint"), tmp_path / "rejects.tsv"
    report = prepare(replace(settings, rejects=str(rejects)), checkpoint)
    assert report.dropped == {
        INVALID: 0, "empty": 1, "identical": 1, "copy": 0, "numbers": 1, "duplicate": 1, "near-duplicate": 1, "leaked": 1,
        "unusual-length": 1, "length": 0, "ratio": 0,
    }  # fmt: skip
    assert report.train_pairs_in == {"test": 0} and decoded(checkpoint, "train") == pairs_of_text(200)
    assert {line.split("\t")[0] for line in rejects.read_text().splitlines()} == {kind for kind, n in report.dropped.items() if n}

    seen = preview(settings)
    assert (seen.read, seen.left) == (207, 200)
    assert {kind: seen.kinds[kind].count for kind in report.dropped if kind in seen.kinds} | {"length": 0, "ratio": 0} == {
        # The identical pair is a copy too, the duplicate nearly one, and the leaked one has another length.
        **report.dropped, "copy": 1, "near-duplicate": 2, "unusual-length": 2,
    }  # fmt: skip
    (example,) = seen.kinds["numbers"].examples
    assert (example.line, example.target) == (205, "In 2001 kam er")


def test_a_look_writes_nothing_but_its_rejects(tmp_path, dirty):
    train, test = dirty
    before = sorted(path.name for path in tmp_path.iterdir())
    seen = preview(settings_for(train, test=(test,), rejects=str(tmp_path / "rejects.tsv")))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "rejects.tsv"])
    assert seen.dropped == ("empty", "identical", "duplicate") and seen.left == 204
    rows = (tmp_path / "rejects.tsv").read_text().splitlines()
    assert len(rows) == sum(found.count for found in seen.kinds.values())
    assert set(seen.kinds) <= {INVALID, *KINDS}


def test_what_cannot_be_looked_for_is_said(tmp_path, dirty):
    train, _ = dirty
    seen = preview(settings_for(train))
    assert list(seen.passed_over) == ["wrong-language"], "xx is no language"
    with pytest.raises(MtkitError, match="does not know 'xx'"):
        preview(settings_for(train, drop=("wrong-language",)))
    with pytest.raises(MtkitError, match="does not know 'xx'"):
        prepare(settings_for(train, drop=("wrong-language",)), Checkpoint(tmp_path / "checkpoint"))

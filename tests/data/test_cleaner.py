"""What prepare drops by --drop and --keep, and what --dry-run tells of it without writing anything."""

from dataclasses import replace

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.cleaner import INVALID, Cleaner
from mtkit.data.prepare import prepare
from mtkit.data.preview import preview
from mtkit.errors import MtkitError, SettingsError
from mtkit.settings.prepare import KINDS
from mtkit.text.cleaning import evaluation_hashes
from mtkit.text.corpus import SentencePair
from tests.support.prepared import decoded, pairs_of_text, settings_for, write

LONG = "The old dog sleeps under the table in the kitchen."


def pair(source, target, damaged=False):
    return SentencePair(source, target, "file", 1, damaged)


def test_a_pair_is_of_the_first_kind_or_of_every_one():
    pairs = [
        pair("a 12", "b 13"),
        pair("a 12", "b 13"),
        pair("A 12!", "b 13"),
        pair("", ""),
        pair("a", "b", damaged=True),
    ]
    pairs += [pair(LONG, "x"), pair("c", "d")]
    evaluation = {"test": evaluation_hashes([pair(LONG, "anders"), pair("c", "D")])}
    kinds = ("empty", "identical", "numbers", "duplicate", "near-duplicate", "leaked")
    first = Cleaner(kinds, ("en", "de"), evaluation).kinds(pairs)
    assert first == [["numbers"], ["numbers"], ["numbers"], ["empty"], [INVALID], ["leaked"], ["leaked"]]
    every = Cleaner(kinds, ("en", "de"), evaluation).kinds(pairs, all_kinds=True)
    assert every == [
        ["numbers"],
        ["numbers", "duplicate", "near-duplicate"],
        ["numbers", "near-duplicate"],
        ["empty", "identical"],
        [INVALID],
        ["leaked"],
        ["leaked"],
    ]
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
    bad = [
        ("", "x"),
        ("same", "same"),
        good[3],
        (f"{good[4][0]}!", good[4][1]),
        ("In 1999 he came", "In 2001 kam er"),
        (LONG, "Etwas anderes 1"),
        ("the small house here", "x" * 400),
    ]
    return write(tmp_path / "train", [*good, *bad]), write(tmp_path / "test", [(LONG, "Der Hund")])


def test_everything_that_can_be_dropped(tmp_path, dirty):
    train, test = dirty
    drop = {
        "drop": ("all",),
        "keep": ("wrong-script", "wrong-language", "symbols", "tags"),
        "tokenizer": "char",
    }
    settings = settings_for(train, test=(test,), max_length_tokens=0, max_length_ratio=0.0, **drop)
    checkpoint, rejects = Checkpoint(tmp_path / "checkpoint"), tmp_path / "rejects.tsv"
    report = prepare(replace(settings, rejects=str(rejects)), checkpoint)
    assert report.dropped == {
        INVALID: 0,
        "empty": 1,
        "identical": 1,
        "copy": 0,
        "numbers": 1,
        "duplicate": 1,
        "near-duplicate": 1,
        "leaked": 1,
        "unusual-length": 1,
        "length": 0,
        "ratio": 0,
    }
    assert report.train_pairs_in == {"test": 0} and decoded(checkpoint, "train") == pairs_of_text(200)
    assert {line.split("\t")[0] for line in rejects.read_text().splitlines()} == {
        kind for kind, n in report.dropped.items() if n
    }

    seen = preview(settings)
    assert (seen.read, seen.left) == (207, 200)
    assert {kind: seen.kinds[kind].count for kind in report.dropped if kind in seen.kinds} | {
        "length": 0,
        "ratio": 0,
    } == {
        # The identical pair is a copy too, the duplicate nearly one, and the leaked one has another length.
        **report.dropped,
        "copy": 1,
        "near-duplicate": 2,
        "unusual-length": 2,
    }
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
    assert list(seen.passed_over) == ["wrong-script", "wrong-language", "leaked"], (
        "xx is no language, and nothing can leak"
    )
    for kind in ("wrong-script", "wrong-language"):
        with pytest.raises(MtkitError, match="does not know the language 'xx'"):
            preview(settings_for(train, drop=(kind,)))
        with pytest.raises(MtkitError, match="does not know the language 'xx'"):
            prepare(settings_for(train, drop=(kind,)), Checkpoint(tmp_path / "checkpoint"))


def test_what_stays_is_what_prepare_keeps(tmp_path):
    """A pair that is dropped makes none that comes after it a repetition."""
    pairs = [(f"the dog {number} {'?!' * 12}", f"der Hund {number}") for number in range(100, 150)]
    pairs += [(f"the dog {number}", f"der Hund {number}.") for number in range(100, 150)]
    settings = settings_for(
        write(tmp_path / "train", pairs), drop=("symbols", "near-duplicate"), tokenizer="char"
    )
    seen = preview(settings)
    assert (seen.kinds["symbols"].count, seen.kinds["near-duplicate"].count, seen.left) == (50, 50, 50)
    assert (seen.kinds["symbols"].alone, seen.kinds["near-duplicate"].alone) == (50, 50)
    assert prepare(settings, Checkpoint(tmp_path / "checkpoint")).pairs == {"train": 50}


def test_examples_that_nothing_else_drops_come_first(tmp_path):
    pairs = [("same", "same"), ("alike", "alike"), *pairs_of_text(20), ("Save as", "SAVE AS"), ("", "")]
    seen = preview(settings_for(write(tmp_path / "train", pairs))).kinds
    assert (seen["copy"].count, seen["copy"].alone) == (3, 1)
    assert [pair.source for pair in seen["copy"].examples] == ["Save as", "same", "alike"]
    assert (seen["empty"].count, seen["empty"].alone) == (1, 0), "it is identical too"


def test_damaged_lines_are_of_one_kind(tmp_path):
    train = write(tmp_path / "train", [*pairs_of_text(50), ("\udcff" * 200, "x")])
    seen = preview(settings_for(train, invalid_utf8="drop")).kinds
    assert {kind: found.count for kind, found in seen.items() if found.count} == {INVALID: 1}


def test_pairs_like_those_that_are_held_out(tmp_path):
    long = [
        (f"the old dog sleeps under the table number {number}", f"der Hund {number}") for number in range(200)
    ]
    pairs = [(source, f"{target} {way}") for source, target in long for way in ("a", "b", "c")]
    settings = settings_for(write(tmp_path / "train", pairs), valid=("50",), tokenizer="char")
    counted = prepare(settings, Checkpoint(tmp_path / "a"))
    assert 80 <= counted.train_pairs_in["valid"] <= 100 and counted.pairs["train"] == 550
    dropped = prepare(replace(settings, drop=("leaked",)), Checkpoint(tmp_path / "b"))
    assert dropped.dropped["leaked"] == counted.train_pairs_in["valid"] and dropped.train_pairs_in == {
        "valid": 0
    }
    sources = set((tmp_path / "b/data/valid/source.txt").read_text().splitlines())
    assert not sources & {source for source, _ in decoded(Checkpoint(tmp_path / "b"), "train")}


@pytest.mark.parametrize("what", ["train.en", "train.xx", "test.xx"])
def test_what_is_read_is_not_written_to(tmp_path, dirty, what):
    train, test = dirty
    before = (tmp_path / what).read_bytes()
    settings = settings_for(train, test=(test,), rejects=str(tmp_path / what))
    for run in (preview, lambda settings: prepare(settings, Checkpoint(tmp_path / "checkpoint"))):
        with pytest.raises(SettingsError, match=f"--rejects .*{what} is read too"):
            run(settings)
    assert (tmp_path / what).read_bytes() == before

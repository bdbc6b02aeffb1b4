"""The real text comes back from a prepared directory as it went in, in both directions, with its tags and
weights.
"""

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.prepare import prepare
from mtkit.errors import CheckpointError
from mtkit.improving.models import mixed
from mtkit.improving.real_text import PairFiles, lines_of, real_text, write_lines
from mtkit.settings.prepare import PrepareSettings
from mtkit.text.corpus import Corpus
from mtkit.text.lines import read_text

ODD = [
    "\ufeffa mark",
    "ends in a return\r",
    "two  spaces",
    "a \u2028 and \x0b and \x85",
    "\u2581 and \ue000",
    "",
    " edges ",
]


def prepared(folder, **settings):
    """A directory of three corpora: one as it is, one with a tag, one twice."""
    for name, words in (("plain", "one two three"), ("web", "four five six"), ("memory", "seven eight")):
        for language, mark in (("en", ""), ("nl", "x")):
            lines = [f"{word}{mark} {other}{mark}" for word in words.split() for other in words.split()]
            (folder / f"{name}.{language}").write_text(
                "".join(line + "\n" for line in lines), encoding="utf-8"
            )
    for language in ("en", "nl"):
        (folder / f"valid.{language}").write_text("a  b\nc\u2028d\n", encoding="utf-8")
    train = (str(folder / "plain"), f"{folder / 'web'} tag=web", f"{folder / 'memory'} weight=2")
    checkpoint = Checkpoint(folder / "model")
    languages = {"source_language": "en", "target_language": "nl"}
    prepare(PrepareSettings(train=train, valid=(str(folder / "valid"),), **languages, **settings), checkpoint)
    return checkpoint


def test_lines_come_back(tmp_path):
    write_lines(tmp_path / "lines", ODD[:3])
    write_lines(tmp_path / "lines", ODD[3:], append=True)
    assert list(lines_of(tmp_path / "lines")) == ODD
    pairs = Corpus(tmp_path / "lines", tmp_path / "lines")
    assert [pair.target for pair in pairs] == ODD


def test_what_was_prepared_comes_back(tmp_path):
    real = real_text(prepared(tmp_path), tmp_path / "real")
    assert [(one.name, one.pairs, one.copies, one.tag) for one in real.train] == [
        ("real-1", 9, 1, ""),
        ("real-2", 9, 1, "web"),
        ("real-3", 4, 2, ""),
    ]
    assert (real.pairs, real.copies, real.parts, real.lossy) == (22, 26, ["valid"], 0)
    for number, name in enumerate(("plain", "web", "memory"), 1):
        for side, language in (("source", "en"), ("target", "nl")):
            assert read_text(tmp_path / "real" / f"real-{number}.{side}.txt") == read_text(
                tmp_path / f"{name}.{language}"
            )
    assert list(real.evaluation_lines("target")) == ["a  b", "c\u2028d"]
    assert real.evaluation("test", swapped=True) == ()
    before = (tmp_path / "real" / "real.json").stat().st_mtime_ns
    assert real_text(Checkpoint(tmp_path / "gone"), tmp_path / "real") == real, (
        "what is there is not made again"
    )
    assert (tmp_path / "real" / "real.json").stat().st_mtime_ns == before


def test_a_mixture(tmp_path):
    """26 real and 104 synthetic pairs, half and half: each real one four times; twice that where it was
    stored twice.
    """
    real = real_text(prepared(tmp_path), tmp_path / "real")
    ways = [tmp_path / "real" / f"real-{number}" for number in (1, 2, 3)]
    specs = mixed(real, PairFiles("kept", 104), tmp_path, 0.5, swapped=False)
    assert specs == (
        f"{ways[0]}.source.txt,{ways[0]}.target.txt weight=4",
        f"{ways[1]}.source.txt,{ways[1]}.target.txt weight=4 tag=web",
        f"{ways[2]}.source.txt,{ways[2]}.target.txt weight=8",
        f"{tmp_path}/kept.source.txt,{tmp_path}/kept.target.txt tag=back-translation",
    )
    assert (
        mixed(real, None, tmp_path, 0.5, swapped=True)[0]
        == f"{ways[0]}.target.txt,{ways[0]}.source.txt weight=1"
    )


def test_what_the_vocabulary_lacks(tmp_path):
    """Pairs that cannot be had back are left out and counted; where none can it is an error."""
    real = real_text(
        prepared(tmp_path, tokenizer="word", byte_fallback=False, vocabulary_size=8), tmp_path / "real"
    )
    whole = {line for name in ("plain", "web", "memory") for line in read_text(tmp_path / f"{name}.en")}
    assert real.lossy > 0
    assert set(real.training_lines("source")) < whole
    assert real.lossy + real.copies == 26


def test_synthetic_pairs_are_not_real(tmp_path):
    """A directory that was improved already may be improved again."""
    checkpoint = prepared(tmp_path)
    again = Checkpoint(tmp_path / "again")
    real = real_text(checkpoint, tmp_path / "real")
    specs = mixed(real, PairFiles("kept", 52), tmp_path, 0.5, swapped=False)
    for side in ("source", "target"):
        write_lines(tmp_path / f"kept.{side}.txt", (f"{side} {number}" for number in range(52)))
    valid = (str(tmp_path / "valid"),)
    prepare(PrepareSettings(train=specs, valid=valid, source_language="en", target_language="nl"), again)
    assert again.require_stage("prepare")["pairs"]["train"] == 104
    found = [(one.pairs, one.copies, one.tag) for one in real_text(again, tmp_path / "second").train]
    assert found == [(9, 2, ""), (9, 2, "web"), (4, 4, "")]


def test_none_can_be_had_back(tmp_path, monkeypatch):
    checkpoint = prepared(tmp_path)
    monkeypatch.setattr("mtkit.improving.real_text.UNKNOWN_ID", SpelledInAll())
    with pytest.raises(
        CheckpointError,
        match=r"each of its 26 pairs holds what the vocabulary lacks.*without --no-byte-fallback",
    ):
        real_text(checkpoint, tmp_path / "real")
    assert not (tmp_path / "real").exists()


class SpelledInAll:
    """Equal to every token."""

    def __eq__(self, other):
        return True

    __hash__ = None

"""Lines in buckets, and how often words were trained on."""

import shutil
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.scoring.buckets import WAYS, Bucket, LineFacts, buckets, check_documents, spans
from mtkit.scoring.counts import count_corpus
from mtkit.scoring.training_text import TrainingText
from mtkit.scoring.words import span_of, words_of
from tests.support.letters import LetterText

TEXT = ["a cat.", "a dog 9", "", "a b c d e f z"]
TRAINING = LetterText(Counter({"a": 50, "cat": 3, ".": 900, "dog": 1, "9": 1000}))
FACTS = LineFacts(["x"] * 4, TEXT, ["x", "y", "x", "x"], TRAINING)


def named(by, facts=FACTS):
    return {bucket.name: bucket.lines.tolist() for bucket in buckets(by, facts)}


def test_spans():
    assert spans((0, 1, 2, 5, 10)) == ["0", "1", "2-4", "5-9", "10+"]
    assert span_of((0, 1, 2, 5, 10), [0, 1, 2, 4, 5, 9, 10, 11]).tolist() == [0, 1, 2, 2, 3, 3, 4, 4]


def test_each_way_to_tell_lines_apart():
    assert named("length") == {"0-5": [0, 1, 2], "6-10": [3]}
    # The rarest word counts; a line without words has none that is rare.
    assert named("frequency") == {"0": [3], "1": [1], "2-4": [0], "1000+": [2]}
    assert named("unknown") == {"with": [1, 3], "without": [0, 2]}
    assert named("number") == {"with": [1], "without": [0, 2, 3]}
    assert named("document") == {"x": [0, 2, 3], "y": [1]}


@pytest.mark.parametrize("by", list(WAYS))
def test_every_line_is_in_one_bucket(by):
    assert sorted(line for one in buckets(by, FACTS) for line in one.lines) == [0, 1, 2, 3]


def test_scores_are_those_of_the_lines():
    hypotheses, reference = ["a b c d", "x", "e f g h"], ["a b c d", "y", "e f g h"]
    counts = count_corpus(hypotheses, [reference])
    found = Bucket("number", "with", np.array([0, 2])).scores(counts)
    assert found == pytest.approx({"bleu": 100.0, "chrf": 100.0, "chrf++": 100.0, "ter": 0.0})
    assert list(found) == ["bleu", "chrf", "chrf++", "ter"]


@pytest.mark.parametrize(
    ("by", "facts", "words"),
    [
        ("document", LineFacts(TEXT, TEXT), "give --documents FILE"),
        ("number", LineFacts(TEXT), "give --source FILE"),
        ("frequency", LineFacts(TEXT), "give --source FILE"),
        ("frequency", LineFacts(TEXT, TEXT), "with -C"),
        ("unknown", LineFacts(TEXT, TEXT), "with -C"),
    ],
)
def test_what_is_not_known_is_asked_for(by, facts, words):
    with pytest.raises(SettingsError, match=words):
        buckets(by, facts)


def test_without_sources_lengths_are_those_of_the_references():
    assert named("length", LineFacts(TEXT)) == named("length")


def test_documents_for_other_lines():
    with pytest.raises(InputError, match="docs names the documents of 2 lines, and there are 3"):
        check_documents(["a", "b"], 3, "docs")


def test_words_of_the_training_text(trained):
    checkpoint = Checkpoint(trained / "checkpoint")
    lines = (trained / "train.en").read_text(encoding="utf-8").splitlines()
    counts = TrainingText(checkpoint).frequencies("source")
    every = Counter(word for line in lines for word in words_of(line))
    # Cleaning may have left some pairs out.
    assert counts
    assert all(0 < count <= every[word] for word, count in counts.items())
    assert counts.total() > 0.8 * every.total()


def test_frequencies_need_all_words(trained, tmp_path, monkeypatch):
    """A vocabulary that leaves words out would count them as never seen."""
    shutil.copytree(trained / "checkpoint", tmp_path / "checkpoint")
    training = TrainingText(Checkpoint(tmp_path / "checkpoint"))
    assert training.why_unknown() == ""
    offsets = training.checkpoint.data / "train" / "source.offsets"
    offsets.write_bytes(offsets.read_bytes()[:-12])
    with pytest.raises(CheckpointError, match=r"source.offsets is damaged, .*; leave --by frequency out"):
        training.frequencies("source")
    lacking = SimpleNamespace(has_unknown=True)
    monkeypatch.setattr(TrainingText, "tokenizers", SimpleNamespace(source=lacking, target=lacking))
    with pytest.raises(CheckpointError, match=r"leaves words out.*; leave --by frequency out"):
        TrainingText(training.checkpoint).frequencies("source")
    assert "is not whole here" in TrainingText(Checkpoint(tmp_path)).why_unknown()

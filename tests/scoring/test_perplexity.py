"""Perplexity of given translations: by hand, and against the loss of training."""

import json
import math

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.scoring.evaluation_text import prepared_text
from mtkit.scoring.perplexity import Perplexity, perplexity
from mtkit.scoring.score_tables import perplexity_table
from mtkit.translating.loading import load


def test_by_hand():
    found = Perplexity([-math.log(8), None, -math.log(2)], tokens=4, words=2, bytes=8)
    assert found.log_probability == pytest.approx(-math.log(16))
    assert [found.per(units) for units in (4, 2, 8)] == pytest.approx([2, 4, math.sqrt(2)])
    assert found.as_dict() == {
        "log_probability": pytest.approx(-math.log(16)),
        "tokens": 4,
        "words": 2,
        "bytes": 8,
        "per_token": pytest.approx(2),
        "per_word": pytest.approx(4),
        "per_byte": pytest.approx(math.sqrt(2)),
    }
    assert Perplexity([None], 0, 0, 0).per(0) is None


def test_of_a_model(trained):
    checkpoint = Checkpoint(trained / "checkpoint")
    text = prepared_text(checkpoint, "test")
    references = text.references[0]
    found = perplexity(load(checkpoint.directory), text.sources, references)
    assert len(found.log_probabilities) == len(references)
    assert found.words == sum(len(line.split()) + 1 for line in references)
    assert found.bytes == len("\n".join(references).encode()) + 1
    # A model that was hardly trained: about as unsure as of all its tokens alike.
    assert found.per(found.tokens) == pytest.approx(
        checkpoint.require_stage("prepare")["vocabulary_sizes"]["target"], rel=0.6
    )
    keras = perplexity(load(checkpoint.directory, engine="keras"), text.sources, references)
    assert keras.log_probabilities == pytest.approx(found.log_probabilities, abs=1e-3)


def test_of_nothing_it_is_not_a_number_and_not_invalid_json(trained):
    found = perplexity(load(trained / "checkpoint"), ["", " "], ["", "x"])
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["per_word"] is None
    assert [row[1] for row in perplexity_table(found).rows[:3]] == ["-", "-", "-"]


def test_blank_sources_are_asked_nothing(trained):
    found = perplexity(load(trained / "checkpoint"), ["", "a dog"], ["something", "un chien"])
    assert found.log_probabilities[0] is None
    assert (found.words, found.bytes) == (3, 9)

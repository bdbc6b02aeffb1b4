"""Figures about translations, by hand and against the model; what is unknown and replaced."""

import json

import numpy as np
import pytest

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.ensemble import Ensemble
from mtkit.engines.forced import forced
from mtkit.engines.step_engine import StepEngine, source_array
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import InputError, SettingsError
from mtkit.model.build import build_model
from mtkit.search.hypothesis import Hypothesis
from mtkit.text.special import BEGIN_ID, END_ID, UNKNOWN_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from mtkit.translating.demands import Demands
from mtkit.translating.output import OutputForm
from mtkit.translating.signals import faults, loops, signals
from mtkit.translating.translation import Candidate, Translation
from mtkit.translating.unknown import Replacement
from tests.support.tiny_model import LINES, Trial, forced_log_probability, with_settings


def test_signals_by_hand():
    probabilities = (0.5, 0.25, 0.5)
    hypothesis = Hypothesis((7, 8), tuple(np.log(probabilities).tolist()), -0.9, True, None, (0.5, 1.0, 0.0))
    candidate = Candidate("the Paris", ("\u2581the", "\u2581Paris"), hypothesis)
    translation = Translation("Paris here is", (candidate,), ("\u2581Paris", "\u2581here", "\u2581is"))
    found = signals(translation, candidate)
    total = np.log(1 / 16)
    assert found == {
        "log_probability": pytest.approx(total, abs=1e-6),
        "log_probability_per_token": pytest.approx(total / 3, abs=1e-6),
        "least_probability": 0.25,
        "entropy": 0.5,
        "length_ratio": 0.6667,
        "copied": 0.5,
        "loop": False,
    }
    assert (
        OutputForm("tsv", with_signals=True).render(translation)
        == "-0.9000\tthe Paris\t-2.7726\t-0.9242\t0.2500\t0.5000\t0.6667\t0.5000\t0\n"
    )
    assert json.loads(OutputForm("jsonl", with_signals=True).render(translation))["signals"] == {
        **found,
        "log_probability": -2.772589,
    }
    assert "signals" not in json.loads(OutputForm("jsonl", with_signals=True).render(Translation(" ")))


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("a a a", False),
        ("a a a a", True),
        ("x a b a b", False),
        ("x a b a b a b y", True),
        ("a b c a b c a b c", True),
        ("a b c d", False),
        ("", False),
        ("a a b a a b", False),
    ],
)
def test_loops(text, there):
    assert loops(text.split()) == there


def test_faults():
    def of(text, complete=True, source="one two three"):
        candidate = Candidate(text, tuple(text.split()), Hypothesis((), (), 0.0, complete))
        return faults(Translation(source, (candidate,), tuple(source.split())))

    assert of("a b") == []
    assert of(" ") == ["empty"]
    assert of("no no no no", complete=False) == ["cut off at the longest length", "in a loop"]
    assert of("ha ha ha ha", source="ha ha ha ha") == []
    assert faults(Translation("")) == of("  ", source="  ") == []


def test_a_forced_pass_is_the_teacher_forced_model(translator):
    """Log-probabilities, and entropies from the whole distribution, for translations of different lengths."""
    lines, targets = (
        [line for line in LINES if line.strip()],
        ["a", "the cat sees", "", "dog", "a cat a dog", "x"],
    )
    sources = translator.tokenizers.source.encode(lines)
    ids = translator.tokenizers.target.encode(targets)
    found = forced(
        translator.engine, source_array(sources), [[*one, END_ID] for one in ids], keep_attention=True
    )
    for line, source, own, one in zip(lines, sources, ids, found, strict=True):
        assert one.log_probabilities.sum() == pytest.approx(
            forced_log_probability(translator, line, own), abs=1e-4
        )
        assert one.attention.shape[0] == len(own) + 1 == len(one.entropies)
        batch = np.array([[*source, END_ID]], np.int32), np.array([[BEGIN_ID, *own]], np.int32)
        logits = translator.engine.functions.model(batch).numpy()[0].astype(np.float64)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(one.entropies, -(shares * np.log(shares)).sum(axis=1), atol=1e-4)


def test_an_ensemble_judges_by_the_mean(translator):
    size = translator.tokenizers.target.size
    ours = translator.engine.functions
    members = [ours, TensorflowFunctions(build_model(ours.model.settings, size, size, 9))]
    source, target = source_array([[7, 8], [9]]), [[7, END_ID], [8, END_ID]]
    together, one, other = (
        forced(StepEngine(functions), source, target) for functions in (Ensemble(members), *members)
    )
    for mean, a, b in zip(together, one, other, strict=True):
        first = np.exp([mean.log_probabilities[0], a.log_probabilities[0], b.log_probabilities[0]])
        assert first[0] == pytest.approx(first[1:].mean(), abs=1e-6)
        assert mean.entropies[0] == pytest.approx((a.entropies[0] + b.entropies[0]) / 2, abs=1e-5)


def test_every_candidate_has_its_entropies(translator):
    for result in with_settings(translator, beam=3, n_best=2, keep=("entropies",)).translate(LINES):
        for candidate in result.candidates:
            assert len(candidate.hypothesis.entropies) == len(candidate.hypothesis.all_ids)
            assert 0.0 <= min(candidate.hypothesis.entropies) <= np.log(translator.tokenizers.target.size)


@pytest.fixture(scope="module")
def words():
    """A vocabulary of words that spells nothing else."""
    text = ["the dog sees the cat", "a cat sees a dog"] * 3
    return Tokenizer(train_tokenizer(text, "word", 30, byte_fallback=False))


def test_unknown_words_are_replaced_by_hand(words):
    source = words.surfaces("the igloo sees Xavier")
    assert source == [" the", " igloo", " sees", " Xavier"]
    cat, sees = words.encode(["cat sees"])[0]
    ids, known = [UNKNOWN_ID, sees, cat, UNKNOWN_ID], [True, False, True, False]
    attention = np.zeros((4, 5))
    attention[0, 3] = attention[3, 1] = 0.4
    attention[:, 4] = 0.6  # the end is no word
    assert Replacement({}).words(source, known, ids, attention) == ["Xavier", "igloo"]
    assert Replacement({}).words([" ", " a"], [True, True], [UNKNOWN_ID], np.array([[0.9, 0.1]])) == [
        "a"
    ]  # a space is no word
    found = Replacement({"igloo": "Iglu", "xavier": "X."}).words(source, known, ids, attention)
    assert words.with_words(ids, found) == (
        ["\u2581X.", "\u2581sees", "\u2581cat", "\u2581Iglu"],
        "X. sees cat Iglu",
    )
    assert words.with_words([cat, sees], [])[1] == words.decode([[cat, sees]])[0]
    assert words.with_words([UNKNOWN_ID], ["\u2581"])[1] == "\u2581"


def test_unknown_words_in_a_row_are_shared_out(words):
    source = words.surfaces("the red igloo sees")
    assert source == [" the", " red igloo", " sees"]
    table = Replacement({"red": "rotes", "igloo": "Iglu"})
    there = np.array([[0.1, 0.8, 0.1]] * 3)
    assert table.words(source, [True, False, True], [UNKNOWN_ID], there) == ["rotes Iglu"]
    assert table.words(source, [True, False, True], [UNKNOWN_ID] * 2, there) == ["rotes", "Iglu"]
    assert table.words(source, [True, False, True], [UNKNOWN_ID] * 3, there) == ["rotes", "Iglu", "Iglu"]


def test_unknown_characters_are_replaced_within_words():
    text = ["the dog sees", "cats see"] * 3
    tokenizer = Tokenizer(train_tokenizer(text, "unigram", 30, byte_fallback=False))
    (ids,) = tokenizer.encode(["dog\u03be sees"])
    assert tokenizer.with_words(ids, ["\u03c8"])[1] == "dog\u03c8 sees" and ids.count(UNKNOWN_ID) == 1
    source = tokenizer.surfaces("dog\u03be sees")
    assert "".join(source) == " dog\u03be sees"
    # The part of the word that is unknown, wherever attention is.
    known = [token != UNKNOWN_ID for token in ids]
    assert Replacement({}).words(source, known, [UNKNOWN_ID], np.eye(len(ids))[:1]) == ["\u03be"]


def test_words_of_text_with_double_spaces_keep_their_space():
    tokenizer = Tokenizer(
        train_tokenizer(["the  dog", "a cat  sees", "the dog"] * 3, "word", 30, byte_fallback=False)
    )
    (ids,) = tokenizer.encode(["the igloo dog"])
    assert tokenizer.with_words(ids, ["Iglu"])[1] == "the Iglu dog"


def test_a_translation_with_unknown_words_has_none(translator, words):
    """A model that says <unk> most of the time, through the whole translator."""
    size = words.size
    model = build_model(translator.engine.functions.model.settings, size, size, seed=3)
    model.output_bias.assign(np.where(np.arange(size) == UNKNOWN_ID, 5.0, 0.0))
    engine, tokenizers = StepEngine(TensorflowFunctions(model)), Tokenizers(words, words)
    plain = Trial(engine, tokenizers).translate(["the igloo"])
    asked = Trial(engine, tokenizers, demands=Demands(replacement=Replacement({"igloo": "Iglu"})))
    (found,) = asked.translate(["the igloo"])
    assert UNKNOWN_ID not in plain[0].best.hypothesis.ids and UNKNOWN_ID in found.best.hypothesis.ids
    assert (
        "<unk>" not in found.best.tokens
        and set(found.text.split()) & {"the", "Iglu"}
        and "\u2047" not in found.text
    )


def test_a_vocabulary_with_bytes_knows_everything(translator):
    assert not translator.tokenizers.target.has_unknown
    with pytest.raises(SettingsError, match="spells what it lacks in bytes"):
        with_settings(translator, demands=Demands(replacement=Replacement({})))


def test_a_table_is_read():
    assert Replacement.read(["a\tb", "", "c\td\tmore", "a\tz"], "t.tsv").table == {"a": "b", "c": "d"}
    with pytest.raises(
        InputError, match=r"t.tsv:2: a line has a source word, a tab and its translation\. Received: 'c'"
    ):
        Replacement.read(["a\tb", "c"], "t.tsv")

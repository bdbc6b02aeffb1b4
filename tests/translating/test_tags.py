"""Translating with the tag of a corpus: as if the source began with its token, and words align as without."""

import string

import numpy as np
import pytest

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.step_engine import StepEngine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.model.build import build_model, fill_in
from mtkit.settings.train import ModelSettings
from mtkit.text.special import tag_piece
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from mtkit.translating.alignment import ends_in_text, words_of
from mtkit.translating.demands import Demands
from mtkit.translating.explain import explain
from mtkit.translating.protect import Protection
from tests.support.tiny_model import LINES, Trial, forced_log_probability, with_settings


def test_a_tag_is_no_word_and_takes_no_room():
    pieces = [tag_piece("web"), "▁the", "▁do", "g"]
    assert words_of(pieces) == [-1, 0, 1, 1]
    assert ends_in_text(pieces) == [0, *ends_in_text(pieces[1:])]


@pytest.fixture(scope="module")
def tagged():
    tokenizer = Tokenizer(
        train_tokenizer([*filter(str.strip, LINES), *string.ascii_lowercase], "char", tags=("web",))
    )
    settings = fill_in(
        ModelSettings(preset="tiny", embedding_width=16, encoder_width=16, decoder_width=16), True
    )
    model = build_model(settings, tokenizer.size, tokenizer.size, seed=3)
    for variable in model.trainable_variables:  # an untrained model says everything alike; this one does not
        variable.assign(variable * 3.0)
    engine = StepEngine(TensorflowFunctions(model), 1)

    def make(tag: str, **changes):
        return with_settings(Trial(engine, Tokenizers(tokenizer.tagged(tag), tokenizer)), **changes)

    return make


def test_the_tag_is_what_the_source_begins_with(tagged):
    plain, with_tag = (tagged(tag).translate(LINES) for tag in ("", "web"))
    assert [one.text for one in plain] != [one.text for one in with_tag]
    for one in filter(lambda found: found.best, with_tag):
        assert one.source_tokens[0] == "<tag:web>"
        own = one.best.hypothesis
        expected = forced_log_probability(tagged("web"), one.source, own.ids)
        if own.complete:
            assert own.log_probability == pytest.approx(expected, abs=1e-3)
    assert not with_tag[1].text, "a blank line stays blank"


def test_what_goes_by_attention_goes_on_with_a_tag(tagged):
    translator = tagged("web", keep=("alignment", "choices"))
    for one in filter(lambda found: found.best, translator.translate(LINES)):
        attention = one.best.hypothesis.attention
        assert attention.shape[1] == len(one.source_tokens) + 1 and np.allclose(
            attention.sum(axis=1), 1.0, atol=1e-4
        )
        assert all(source < len(one.source.split()) for source, _ in one.alignment)
        assert "1:<tag:web>" in explain(one)
    protecting = tagged("web", demands=Demands(protection=Protection.of(["placeholder"])))
    (found,) = protecting.translate(["the {name} dog runs {0}"])
    assert found.text.count("{name}") == found.text.count("{0}") == 1 and not found.changed


def test_no_translation_holds_a_tag(tagged):
    translator = tagged("", sample=True, temperature=100.0, n_best=20)
    drawn = {
        token
        for one in translator.translate(LINES)
        for candidate in one.candidates
        for token in candidate.tokens
    }
    assert len(drawn) > 20 and not any(token.startswith("<tag:") for token in drawn)

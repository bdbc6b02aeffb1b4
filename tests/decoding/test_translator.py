"""From lines to lines with a real model: order, blank lines, batch sizes, scores."""

import mtkit.model  # noqa: F401, I001  first: quiets the backend
import json
import string
from dataclasses import replace

import numpy as np
import pytest

from mtkit.text.special import BEGIN_ID, END_ID, PAD_ID, UNKNOWN_ID
from mtkit.decoding.engines import KerasEngine
from mtkit.decoding.output import render
from mtkit.decoding.search import length_penalty
from mtkit.decoding.translator import Tokenizers, Translation, Translator
from mtkit.model.build import Seq2Seq, fill_in
from mtkit.settings import ModelSettings, TranslateSettings
from mtkit.text.tokenizer import Tokenizer, train_tokenizer

LINES = ["a dog runs", "", "the cat", "a very small dog sees the cat", "   ", "cat", "the dog the dog the dog", "a cat sees a dog"]


@pytest.fixture(scope="module")
def translator():
    text = [" ".join(pair) for pair in zip(LINES, reversed(LINES), strict=True)] + list(string.ascii_lowercase)
    tokenizer = Tokenizer(train_tokenizer(text, "char"))
    settings = fill_in(ModelSettings(preset="tiny", embedding_width=16, encoder_width=16, decoder_width=16), True)
    model = Seq2Seq(settings, tokenizer.size, tokenizer.size, seed=3)
    for variable in model.trainable_variables:  # an untrained model says everything alike; this one does not
        variable.assign(variable * 3.0)
    return Translator(KerasEngine(model, parallel=2), Tokenizers(tokenizer, tokenizer), TranslateSettings(max_length_factor=0.5))


def test_lines_in_are_lines_out(translator):
    results = translator.translate(LINES)
    assert [result.source for result in results] == LINES
    assert [result.text for result in results if not result.source.strip()] == ["", ""]
    assert not any("\n" in result.text for result in results)


def test_blank_lines_never_reach_the_model(translator):
    broken = Translator(None, translator.tokenizers, translator.settings)
    assert [result.text for result in broken.translate(["", " \t ", ""])] == ["", "", ""]


@pytest.mark.parametrize("beam", [1, 5])
def test_batches_do_not_matter(translator, beam):
    def run(batch_size, lines):
        settings = replace(translator.settings, batch_size=batch_size, beam=beam)
        return Translator(translator.engine, translator.tokenizers, settings).translate(lines)

    single = run(1, LINES)
    for other in (run(7, LINES), run(64, LINES), run(3, LINES[::-1])[::-1]):
        assert [result.text for result in other] == [result.text for result in single]
        np.testing.assert_allclose([result.score for result in other], [result.score for result in single], atol=1e-4)


def test_a_beam_of_one_is_greedy_search(translator):
    """Against a loop of its own that takes the most probable token of the teacher-forced model, again and again."""
    translator = Translator(translator.engine, translator.tokenizers, replace(translator.settings, beam=1))
    for result in translator.translate([line for line in LINES if line.strip()]):
        source = np.array([[*translator.tokenizers.source.encode([result.source])[0], END_ID]], np.int32)
        ids = [BEGIN_ID]
        while len(ids) <= len(result.hypothesis.ids):
            logits = translator.engine.model((source, np.array([ids], np.int32))).numpy()[0, -1]
            logits[[PAD_ID, UNKNOWN_ID, BEGIN_ID]] = -np.inf
            ids.append(int(logits.argmax()))
        assert tuple(ids[1:]) == result.hypothesis.ids


def test_score_is_the_forced_decoding_score(translator):
    for result in translator.translate(LINES):
        if result.hypothesis is None or not result.hypothesis.complete:
            continue
        ids = list(result.hypothesis.ids)
        source = translator.tokenizers.source.encode([result.source])[0]
        forced = translator.engine.forced_log_probabilities(
            np.array([[*source, END_ID]], np.int32), np.array([[BEGIN_ID, *ids, PAD_ID]], np.int32),
            np.array([[*ids, END_ID, PAD_ID]], np.int32),
        )
        assert result.score == pytest.approx(float(forced[0]) / length_penalty(len(ids) + 1, 1.0), abs=1e-4)


def test_forms():
    translation = Translation("a\tb", "c\td", -0.5, ("▁c", "▁d"))
    assert render(translation, "text") == "c\td"
    assert render(translation, "tsv") == "-0.5000\tc d"
    facts = json.loads(render(translation, "jsonl"))
    assert facts == {"source": "a\tb", "hypothesis": "c\td", "score": -0.5, "tokens": ["▁c", "▁d"]}

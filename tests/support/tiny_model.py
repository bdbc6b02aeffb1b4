"""An untrained model of single characters, and lines for it."""

import string
from dataclasses import replace

import numpy as np

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.engine import Engine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.model.build import build_model, fill_in
from mtkit.settings import ModelSettings, TranslateSettings
from mtkit.text.special import BEGIN_ID, END_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from mtkit.translating.demands import Demands
from mtkit.translating.translator import Translator

LINES = [
    "a dog runs",
    "",
    "the cat",
    "a very small dog sees the cat",
    "   ",
    "cat",
    "the dog the dog the dog",
    "a cat sees a dog",
]


def tiny_translator():
    """It translates, in its own way: each line otherwise."""
    text = [" ".join(pair) for pair in zip(LINES, reversed(LINES), strict=True)] + list(
        string.ascii_lowercase
    )
    tokenizer = Tokenizer(train_tokenizer(text, "char"))
    settings = fill_in(
        ModelSettings(preset="tiny", embedding_width=16, encoder_width=16, decoder_width=16), True
    )
    model = build_model(settings, tokenizer.size, tokenizer.size, seed=3)
    for variable in model.trainable_variables:  # an untrained model says everything alike; this one does not
        variable.assign(variable * 3.0)
    functions = TensorflowFunctions(model)
    return Translator(
        Engine(functions, 2), Tokenizers(tokenizer, tokenizer), TranslateSettings(max_length_factor=0.5)
    )


def with_settings(translator, lexicon=None, demands=Demands(), **changes):  # noqa: B008  frozen
    """The same model with other settings."""
    return Translator(
        translator.engine, translator.tokenizers, replace(translator.settings, **changes), demands, lexicon
    )


def forced_log_probability(translator, line, ids):
    """Of a translation, END_ID included, by the teacher-forced model."""
    source = np.array([[*translator.tokenizers.source.encode([line])[0], END_ID]], np.int32)
    logits = (
        translator.engine.functions.model((source, np.array([[BEGIN_ID, *ids]], np.int32)))
        .numpy()[0]
        .astype(np.float64)
    )
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(log_probabilities[np.arange(len(ids) + 1), [*ids, END_ID]].sum())

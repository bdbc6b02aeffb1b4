"""A Transformer in CTranslate2: the same probabilities, the same translations."""

import mtkit.model  # noqa: F401, I001  first: quiets the backend
import ctranslate2
import numpy as np
import pytest

from mtkit.export.ctranslate2_model import write
from mtkit.engines.engine import Engine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.decoding.translator import Tokenizers, Translator
from mtkit.model.build import build_model, fill_in
from mtkit.settings import ModelSettings, TranslateSettings
from mtkit.text.special import FORBIDDEN_IDS
from tests.decoding.conftest import LINES as EVERY_LINE

LINES = [line for line in EVERY_LINE if line.strip()]
SHAPES = [
    {}, {"norm": "post", "positions": "learned", "activation": "gelu"}, {"activation": "swiglu", "tie_embeddings": "none"},
]  # fmt: skip


def small(tokenizer, **shape):
    """A Transformer of random weights that say something: the biases and gains are random too."""
    settings = ModelSettings(
        preset="tiny", model="transformer", embedding_width=16, feed_forward_width=24, heads=2, encoder_layers=2, decoder_layers=2,
        **shape,
    )  # fmt: skip
    model = build_model(fill_in(settings, True), tokenizer.size, tokenizer.size, seed=3)
    draw = np.random.default_rng(5)
    for variable in model.variables:
        if len(variable.shape) == 1 and "seed" not in variable.name:
            variable.assign(variable + draw.normal(size=variable.shape, scale=0.3))
    return model


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_probabilities_and_translations(translator, shape, tmp_path):
    tokenizer = translator.tokenizers.target
    model = small(tokenizer, **shape)
    tokenizers = Tokenizers(tokenizer, tokenizer)
    (tmp_path / "vocab").mkdir()
    (tmp_path / "vocab" / "joint.spm").write_bytes(b"a tokenizer")
    write(model, tokenizers, tmp_path / "vocab", tmp_path / "model", "float32")
    assert (tmp_path / "model" / "joint.spm").read_bytes() == b"a tokenizer"
    theirs = ctranslate2.Translator(str(tmp_path / "model"), inter_threads=1, intra_threads=1)
    source = [tokenizer.pieces(ids) for ids in tokenizer.encode(LINES)]

    settings = TranslateSettings(beam=1, max_length=12, length_penalty_form="power", length_penalty=1.0)
    ours = Translator(Engine(TensorflowFunctions(model)), tokenizers, settings).translate(LINES)
    bars = [[piece] for piece in tokenizer.pieces(FORBIDDEN_IDS)]
    found = theirs.translate_batch(source, beam_size=1, max_decoding_length=12, suppress_sequences=bars, return_scores=True)
    assert [one.hypotheses[0] for one in found] == [list(one.best.tokens) for one in ours]

    scored = theirs.score_batch(source, [one.hypotheses[0] for one in found])
    for one, other in zip(ours, scored, strict=True):
        each = one.best.hypothesis.token_log_probabilities
        np.testing.assert_allclose(other.log_probs[: len(each)], each, atol=1e-4)


def test_int8_is_near(translator, tmp_path):
    tokenizer = translator.tokenizers.target
    model = small(tokenizer)
    (tmp_path / "vocab").mkdir()
    for precision in ("float32", "int8"):
        write(model, Tokenizers(tokenizer, tokenizer), tmp_path / "vocab", tmp_path / precision, precision)
    sizes = [(tmp_path / precision / "model.bin").stat().st_size for precision in ("float32", "int8")]
    assert sizes[1] < 0.8 * sizes[0]
    source = [tokenizer.pieces(ids) for ids in tokenizer.encode(LINES)]
    scores = [
        [value for one in ctranslate2.Translator(str(tmp_path / precision)).score_batch(source, source) for value in one.log_probs]
        for precision in ("float32", "int8")
    ]
    assert 0.0 < np.abs(np.subtract(*scores)).mean() < 0.1

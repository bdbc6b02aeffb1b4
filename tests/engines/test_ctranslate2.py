"""A Transformer in CTranslate2: the same probabilities, the same translations."""

import ctranslate2
import numpy as np
import pytest

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.ctranslate2_engine import Ctranslate2Engine
from mtkit.engines.forced import forced
from mtkit.engines.step_engine import StepEngine, source_array
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import SettingsError
from mtkit.export.ctranslate2_model import write
from mtkit.export.ctranslate2_positions import KINDS, written_positions
from mtkit.model.build import build_model, fill_in
from mtkit.search.hypothesis import Ranking
from mtkit.settings.search import Search
from mtkit.settings.train import ModelSettings
from mtkit.text.special import END_ID, FORBIDDEN_IDS
from mtkit.translating.plain_search import PlainSearch
from tests.support.tiny_model import LINES as EVERY_LINE
from tests.support.tiny_model import Trial

LINES = [line for line in EVERY_LINE if line.strip()]
SHAPES = [
    {},
    {"norm": "post", "positions": "learned", "activation": "gelu"},
    {"activation": "swiglu", "tie_embeddings": "none"},
    {"positions": "rotary"},
    {"positions": "relative", "norm": "post"},
    {"positions": "alibi", "heads": 4},
]


def small(tokenizer, **shape):
    """A Transformer of random weights that say something: the biases and gains are random too."""
    settings = ModelSettings(
        preset="tiny",
        model="transformer",
        embedding_width=16,
        feed_forward_width=24,
        **{"heads": 2, "encoder_layers": 2, "decoder_layers": 2, **shape},
    )
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

    search = Search(beam=1, max_length=12, length_penalty_form="power", length_penalty=1.0)
    ours = Trial(StepEngine(TensorflowFunctions(model)), tokenizers, search).translate(LINES)
    bars = [[piece] for piece in tokenizer.pieces(FORBIDDEN_IDS)]
    found = theirs.translate_batch(
        source, beam_size=1, max_decoding_length=12, suppress_sequences=bars, return_scores=True
    )
    assert [one.hypotheses[0] for one in found] == [list(one.best.tokens) for one in ours]

    scored = theirs.score_batch(source, [one.hypotheses[0] for one in found])
    for one, other in zip(ours, scored, strict=True):
        each = one.best.hypothesis.token_log_probabilities
        np.testing.assert_allclose(other.log_probs[: len(each)], each, atol=1e-4)


@pytest.fixture(scope="module")
def both(translator, tmp_path_factory):
    """Of settings: a translator by mtkit's own engine, and one by CTranslate2."""
    tokenizer = translator.tokenizers.target
    model, tokenizers = small(tokenizer), Tokenizers(tokenizer, tokenizer)
    folder = tmp_path_factory.mktemp("ctranslate2")
    write(model, tokenizers, folder, folder / "model", "float32")
    functions = TensorflowFunctions(model)

    def make(search, **limit):
        engine = Ctranslate2Engine(folder / "model", tokenizers, 2, **limit)
        ours = Trial(StepEngine(functions), tokenizers, search).plan.searcher
        return ours, PlainSearch(engine, tokenizer, search, ours.ranking, lambda: ours)

    return make


@pytest.mark.parametrize(
    ("form", "beam", "n_best", "penalty"),
    [("wu", 1, 1, 1.0), ("wu", 4, 3, 1.0), ("power", 4, 4, 1.0), ("wu", 4, 2, 0.0)],
)
def test_its_searches_as_those_of_mtkit(both, form, beam, n_best, penalty):
    ours, theirs = both(
        Search(
            beam=beam, n_best=n_best, max_length_factor=0.5, length_penalty_form=form, length_penalty=penalty
        )
    )
    source = ours.tokenizers.source.encode(LINES)
    equal = 0
    for line, one, other in zip(source, ours.hypotheses(source), theirs.hypotheses(source), strict=True):
        assert 1 <= len(other) <= n_best
        equal += [(each.ids, each.complete) for each in one] == [(each.ids, each.complete) for each in other]
        for hypothesis in other:
            each = hypothesis.token_log_probabilities
            assert len(each) == len(hypothesis.all_ids) and len(hypothesis.ids) <= len(line) // 2 + 10
            assert not set(hypothesis.ids) & {*FORBIDDEN_IDS, END_ID}
            assert hypothesis.score == ours.ranking.score(sum(each), len(each), None)
            (judged,) = forced(ours.engine, source_array([line]), [hypothesis.all_ids])
            # CTranslate2 leaves nothing of the probability to tokens that are forbidden.
            barred = judged.log_probabilities.sum() - sum(each)
            assert -0.2 * len(each) < barred < 1e-3 if hypothesis.complete else abs(barred) < 1e-3
        scores = [hypothesis.score for hypothesis in other]
        assert scores == sorted(scores, reverse=True)
    assert equal == len(LINES) if beam == 1 else equal >= len(LINES) // 2


def test_its_searches_do_not_depend_on_the_batch(both):
    ours, theirs = both(Search(beam=4, n_best=2, max_length_factor=0.2))
    source = ours.tokenizers.source.encode(LINES)
    together, alone = theirs.hypotheses(source), [theirs.hypotheses([one])[0] for one in source]
    for one, other in zip(together, alone, strict=True):
        assert [each.ids for each in one] == [each.ids for each in other]
        np.testing.assert_allclose([each.score for each in one], [each.score for each in other], atol=1e-4)


def test_what_is_too_long_for_it_goes_to_another_engine(both):
    ours, theirs = both(Search(beam=2, max_length_factor=0.5, max_length=15), limit=20)
    source = [[7, 8], [9] * 30, [8, 9]]
    found = theirs.hypotheses(source)
    assert found[1] == ours.hypotheses([[9] * 30])[0]
    assert found[::2] == theirs.hypotheses(source[::2])
    (long,) = both(Search(beam=1, max_length_factor=0.1))[1].hypotheses([[9] * 1100])
    assert len(long) == 1


@pytest.mark.parametrize("positions", ["rotary", "relative"])
def test_positions_without_a_limit(translator, positions, tmp_path):
    """A source longer than any table of positions."""
    tokenizer = translator.tokenizers.target
    model, tokenizers = small(tokenizer, positions=positions), Tokenizers(tokenizer, tokenizer)
    write(model, tokenizers, tmp_path, tmp_path / "model", "float32")
    assert written_positions(positions).limit is None
    engine = Ctranslate2Engine(tmp_path / "model", tokenizers, limit=None)
    source = [*np.random.default_rng(1).integers(4, tokenizer.size, 2_500).tolist(), END_ID]
    assert engine.takes(source, 5_000)
    (hypotheses,) = engine.search([source], 1, np.array([4]), Ranking(1.0))
    (judged,) = forced(
        StepEngine(TensorflowFunctions(model)), source_array([source]), [hypotheses[0].all_ids]
    )
    barred = judged.log_probabilities.sum() - sum(hypotheses[0].token_log_probabilities)
    assert abs(barred) < 1e-3


def test_positions_that_it_cannot_run_are_refused(translator, tmp_path, monkeypatch):
    monkeypatch.delitem(KINDS, "rotary")
    tokenizer = translator.tokenizers.target
    model = small(tokenizer, positions="rotary")
    message = (
        "cannot run a Transformer with --positions rotary; run 'mtkit export --to onnx', or train with"
        " --positions sinusoidal, shifted"
    )
    with pytest.raises(SettingsError, match=message):
        write(model, Tokenizers(tokenizer, tokenizer), tmp_path, tmp_path / "model", "float32")


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
        [
            value
            for one in ctranslate2.Translator(str(tmp_path / precision)).score_batch(source, source)
            for value in one.log_probs
        ]
        for precision in ("float32", "int8")
    ]
    assert 0.0 < np.abs(np.subtract(*scores)).mean() < 0.05

"""Choosing from a part of the vocabulary: translations that do not depend on their batch."""

import numpy as np
import pytest

from mtkit.data.store import CorpusWriter, TokenCorpus
from mtkit.engines.step_engine import EngineStep, barred_last
from mtkit.engines.tensorflow_functions import largest
from mtkit.errors import SettingsError
from mtkit.export.lexicon_learning import learn
from mtkit.search.lexicon import Lexicon
from mtkit.search.shortlist import NO_TOKEN, Shortlist
from mtkit.text.special import BEGIN_ID, END_ID
from tests.support.tiny_model import LINES, with_settings


@pytest.fixture
def lexicon(translator, tmp_path):
    encode = translator.tokenizers.source.encode
    writer = CorpusWriter(tmp_path / "train", translator.tokenizers.source.size)
    text = [line for line in LINES if line.strip()]
    writer.append(encode(text), encode(text[::-1]))
    writer.close()
    learned = learn(
        TokenCorpus(tmp_path / "train"), translator.tokenizers.source, translator.tokenizers.target
    )
    learned.save(tmp_path / "lexicon.safetensors")
    return Lexicon.load(tmp_path / "lexicon.safetensors")


def test_choices(lexicon, translator):
    a, dog = translator.tokenizers.source.encode(["a", "dog"])
    chosen = set(lexicon.choices(a, 3, [1]).tolist())
    assert {1, END_ID, *a} <= chosen and NO_TOKEN not in chosen
    assert set(lexicon.choices(dog, 3)) <= set(lexicon.choices(dog, 5))


def rare_only(lexicon):
    """With less that every sentence may choose from, so that the vocabulary of a test is not all common."""
    return Lexicon(lexicon.translations, np.array([END_ID], np.int32), lexicon.same)


@pytest.mark.parametrize(
    "settings", [{"beam": 4}, {"sample": True}, {"beam": 3, "no_repeat_ngram": 2, "min_length": 4}]
)
def test_a_sentence_has_its_own_choice(translator, lexicon, settings):
    lexicon = rare_only(lexicon)
    listed = {"lexicon": lexicon, "shortlist": 1, **settings}
    one, other = (
        with_settings(translator, batch_tokens=size, **listed).translate(LINES) for size in (1, 4096)
    )
    assert [result.text for result in one] == [result.text for result in other]
    np.testing.assert_allclose(
        [result.score for result in one], [result.score for result in other], atol=1e-4
    )
    for result in one:
        (source,) = translator.tokenizers.source.encode([result.source])
        assert not result.best or set(result.best.hypothesis.ids) <= set(lexicon.choices(source, 1).tolist())


def test_a_choice_of_everything_changes_nothing(translator, lexicon):
    every = Lexicon(
        lexicon.translations, np.arange(translator.tokenizers.target.size, dtype=np.int32), lexicon.same
    )
    plain = with_settings(translator, beam=4).translate(LINES)
    listed = with_settings(translator, lexicon=every, beam=4, shortlist=1).translate(LINES)
    assert [result.text for result in listed] == [result.text for result in plain]
    np.testing.assert_allclose(
        [result.score for result in listed], [result.score for result in plain], atol=1e-4
    )


def test_beginnings_need_not_be_in_the_list(translator, lexicon):
    changed = with_settings(translator, lexicon=rare_only(lexicon), shortlist=1)
    results = changed.translate(LINES, None, ["xyz"] * len(LINES))
    assert all(result.text.startswith("xyz") for result in results if result.source.strip())


def test_references_are_scored_by_all_of_the_vocabulary(translator, lexicon):
    with pytest.raises(SettingsError, match="leave --shortlist out"):
        with_settings(translator, lexicon=lexicon, shortlist=5, given=("--force-reference",))


def test_the_best_of_everything_are_the_best(translator):
    """With and without a bias: the two ways to the same numbers."""
    engine, size = translator.engine, translator.tokenizers.target.size
    source, rows = np.array([[7, 8, END_ID], [9, END_ID, 0]], np.int32), np.arange(2, dtype=np.int32)
    tokens, step = np.full(2, BEGIN_ID, np.int32), EngineStep(engine, 5)
    plain = step(engine.start(source), tokens, rows)
    steered = step(engine.start(source), tokens, rows, np.zeros((2, size), np.float32))
    np.testing.assert_array_equal(plain.ids, steered.ids)
    np.testing.assert_allclose(plain.scores, steered.scores, atol=1e-5)


@pytest.mark.parametrize("count", [1, 5, 40, 96])
def test_the_largest_by_columns_are_the_largest(count):
    scores = np.random.default_rng(3).normal(size=(7, 96)).astype(np.float32)
    values, places = (array.numpy() for array in largest(scores, count))
    order = np.argsort(-scores, axis=1)[:, :count]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(values, np.take_along_axis(scores, order, axis=1))


def test_forbidden_candidates_come_last():
    barred = np.isin(np.arange(10), (2, 3))
    scores, ids = barred_last(
        barred, np.log([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]]), np.array([[2, 7, 3], [7, 8, 9]])
    )
    assert ids.tolist() == [[7, 2, 3], [7, 8, 9]]
    np.testing.assert_allclose(np.exp(scores), [[0.3, 0, 0], [0.6, 0.3, 0.1]])


def test_shortlists_of_a_batch():
    made = Shortlist.of([np.array([3, 9]), np.array([3, 4])])
    assert made.ids.tolist() == [3, 4, 9] + [NO_TOKEN] * 13
    assert (made.mask[:, :3] == 0).tolist() == [[True, False, True], [True, True, False]] and (
        made.mask[:, 3:] < 0
    ).all()

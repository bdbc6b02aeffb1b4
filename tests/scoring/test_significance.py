"""Bootstrap intervals: the same for the same seed, and those of sacreBLEU."""

import pytest
from sacrebleu.metrics import TER

from mtkit.scoring import significance
from tests.support.scoring import score_corpus

HYPOTHESES = ["a b c d e", "a b c d", "x b c d e", "a b y d e f", "", "a b c d z"] * 4
REFERENCES = [["a b c d e"] * 24]


def intervals(seed=12345, samples=60):
    scores = score_corpus(HYPOTHESES, REFERENCES, bootstrap_samples=samples, seed=seed)
    return {key: metric.interval for key, metric in scores.metrics.items()}


def test_same_seed_same_intervals():
    assert intervals(seed=3) == intervals(seed=3)
    assert intervals(seed=3) != intervals(seed=4)


def test_environment_does_not_matter(monkeypatch):
    expected = intervals()
    monkeypatch.setenv("SACREBLEU_SEED", "99")
    assert intervals() == expected
    monkeypatch.setenv("SACREBLEU_SEED", "none")
    assert intervals() == expected


def test_resamples_do_not_depend_on_how_many_are_drawn_at_once(monkeypatch):
    expected = intervals()
    monkeypatch.setattr(significance, "_DRAWS_AT_ONCE", 7 * 24 + 1)
    assert intervals() == expected
    monkeypatch.setattr(significance, "_DRAWS_AT_ONCE", 1)
    assert intervals() == expected


def test_equals_sacrebleu(monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "8")
    theirs = TER().corpus_score(HYPOTHESES, REFERENCES, n_bootstrap=200)
    ours = intervals(seed=8, samples=200)["ter"]
    assert ours.mean == pytest.approx(theirs._mean, abs=1e-3)
    assert (ours.high - ours.low) / 2 == pytest.approx(theirs._ci, abs=1e-3)


def test_signature_tells_of_the_bootstrap():
    scores = score_corpus(HYPOTHESES, REFERENCES, bootstrap_samples=50, seed=8)
    for metric in scores.metrics.values():
        assert "bs:50|seed:8" in metric.signature
        assert metric.interval.low <= metric.interval.mean <= metric.interval.high


def test_perfect_and_single_lines_have_no_spread():
    perfect = score_corpus(["a b c d"] * 5, [["a b c d"] * 5], bootstrap_samples=20).metrics["bleu"].interval
    assert (perfect.low, perfect.high) == pytest.approx((100, 100))
    single = score_corpus(["a b c d"], [["a b c e"]], bootstrap_samples=1).metrics["chrf"]
    assert single.interval.low == single.interval.high == pytest.approx(single.score)


def test_all_empty():
    scores = score_corpus(["", ""], [["a b", "c"]], bootstrap_samples=20)
    assert scores.metrics["bleu"].interval.high == 0
    assert scores.metrics["ter"].interval.low == 100

"""Systems side by side: p-values by hand, and those of sacreBLEU's own command."""

import itertools
import random
import re
import subprocess
import sys

import numpy as np
import pytest

from mtkit.scoring import significance
from mtkit.scoring.counts import count_corpus
from mtkit.scoring.significance import bootstrap, bootstrap_p, randomisation_p
from mtkit.scoring.systems import score_systems
from mtkit.settings.score import ScoreSettings
from tests.support.listener import Listener

WORDS = ["a", "cat", "dog", "house", "sees", "the", "and", "green,", "old.", "It's", "3.5", "naïve", "café"]


@pytest.fixture(scope="module")
def corpus():
    """(three systems, the first the best; two references)"""
    draw = random.Random(5)
    truth = [" ".join(draw.choices(WORDS, k=draw.randint(4, 14))) for _ in range(60)]

    def noisy(share):
        return [
            " ".join(draw.choice(WORDS) if draw.random() < share else word for word in line.split())
            for line in truth
        ]

    return [noisy(0.17), noisy(0.18), noisy(0.4)], [noisy(0.1), noisy(0.1)]


def scored(corpus, **settings):
    systems, references = corpus
    return score_systems(list(zip("abc", systems, strict=True)), references, ScoreSettings(**settings))


@pytest.mark.parametrize(
    ("test", "option", "draws"), [("bootstrap", "bs", 200), ("randomisation", "ar", 333)]
)
def test_the_p_values_of_the_sacrebleu_command(corpus, tmp_path, test, option, draws):
    systems, references = corpus
    files = [tmp_path / name for name in ("one", "two", "a", "b", "c")]
    for file, lines in zip(files, [*references, *systems], strict=True):
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "sacrebleu",
        *files[:2],
        "-i",
        *files[2:],
        "-m",
        "bleu",
        "chrf",
        "ter",
        "--width",
        "3",
    ]
    command += [f"--paired-{option}", f"--paired-{option}-n", str(draws), "--format", "latex", "--no-color"]
    done = subprocess.run(
        command,
        capture_output=True,
        check=True,
        text=True,
        env={"SACREBLEU_SEED": "7", "HOME": str(tmp_path)},
    )
    theirs = [(float(p), star) for p, star in re.findall(r"p = ([\d.]+)\)?(\*?)", done.stdout)]
    ours = scored(corpus, test=test, bootstrap_samples=draws, randomisation_trials=draws, seed=7)
    assert ours[0].p_values == {}
    expected = [round(system.p_values[key], 4) for system in ours[1:] for key in ("bleu", "chrf", "ter")]
    assert [p for p, _ in theirs] == expected
    assert len(set(expected)) > 1


def test_trials_do_not_depend_on_how_many_are_drawn_at_once(corpus, monkeypatch):
    options = {"test": "randomisation", "randomisation_trials": 70, "bootstrap_samples": 0}
    expected = [system.p_values for system in scored(corpus, **options)]
    for most in (1, 60 * 33):
        monkeypatch.setattr(significance, "_DRAWS_AT_ONCE", most)
        assert [system.p_values for system in scored(corpus, **options)] == expected


def test_randomisation_is_near_to_all_ways_to_shuffle():
    """Eight lines: the two systems can be shuffled in 256 ways, of which each is as likely."""
    ours = ["a b c d", "a b", "a x c", "a b c", "x b", "a b c", "a b c d", "a"]
    theirs = ["a x c d", "a b", "x x c", "a b c", "x x", "a x c", "a b c x", "x"]
    reference = ["a b c d", "a b", "a b c", "a b c", "a b", "a b c", "a b c d", "a"]
    one, other = (count_corpus(lines, [reference], keys=["ter"])["ter"] for lines in (ours, theirs))
    larger = 0
    for coins in itertools.product([False, True], repeat=8):
        stay = np.array(coins)[:, None]
        first, second = np.where(stay, one.rows, other.rows), np.where(stay, other.rows, one.rows)
        (a, b) = one.of_sums(np.stack([first.sum(axis=0), second.sum(axis=0)]))
        larger += abs(a - b) > abs(one.score() - other.score())
    (p,) = randomisation_p([one], [other], 4000, seed=1)
    assert p == pytest.approx(larger / 256, abs=0.02)


def test_bootstrap_p_by_hand():
    # Differences 1, 3, 2, 2, 2 have the mean 2: apart from it by -1, 1, 0, 0, 0. One is larger than 0.5, and
    # the real one counts.
    assert bootstrap_p(np.array([1.0, 1, 1, 1, 1]), np.array([2.0, 4, 3, -1, 3]), 0.5) == pytest.approx(2 / 6)


def test_the_same_system_is_not_different(corpus):
    systems, references = corpus
    for test in ("bootstrap", "randomisation"):
        settings = ScoreSettings(test=test, bootstrap_samples=50, randomisation_trials=50)
        _, twin = score_systems([("a", systems[0]), ("b", list(systems[0]))], references, settings)
        assert set(twin.p_values.values()) == {1.0}


def test_progress_rises_to_the_end(corpus):
    systems, references = corpus
    settings = ScoreSettings(test="randomisation", bootstrap_samples=40, randomisation_trials=64)
    listener = Listener()
    score_systems(list(zip("abc", systems, strict=True)), references, settings, listener)
    shares = [share for task, share in listener.shares if task == "resampling"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) == 3  # one bootstrap, two tests


def test_all_metrics_see_the_same_resamplings(corpus):
    systems, references = corpus
    counts = count_corpus(systems[0], references)
    together = bootstrap(list(counts.values()), 30, seed=3)
    for one, expected in zip(counts.values(), together, strict=True):
        np.testing.assert_array_equal(bootstrap([one], 30, seed=3)[0], expected)


def test_scores_of_lines_by_themselves(corpus):
    from sacrebleu.metrics import BLEU, CHRF, TER

    systems, references = corpus
    counts = count_corpus(systems[1], references)
    metrics = {"bleu": BLEU(effective_order=True), "chrf": CHRF(), "chrf++": CHRF(word_order=2), "ter": TER()}
    for key, metric in metrics.items():
        own = [
            metric.sentence_score(line, both).score
            for line, *both in zip(systems[1], *references, strict=True)
        ]
        assert counts[key].sentence_scores() == pytest.approx(own)
        half = np.arange(30)
        part = count_corpus(systems[1][:30], [one[:30] for one in references])[key]
        assert counts[key].score(half) == pytest.approx(part.score())


@pytest.mark.parametrize("lowercase", [False, True])
def test_counts_of_chrf_within_those_of_chrf_with_words(corpus, lowercase):
    """Taken over against one reference, they are what chrF itself counts."""
    systems, references = corpus
    lines = [*systems[0], "", "a", "Ünï"]
    reference = [*references[0], "x", "", "ünï b"]
    together = count_corpus(lines, [reference], lowercase=lowercase)
    alone = count_corpus(lines, [reference], lowercase=lowercase, keys=["chrf"])["chrf"]
    np.testing.assert_array_equal(together["chrf"].rows, alone.rows)
    assert together["chrf"].scorer.get_signature().format() == alone.scorer.get_signature().format()
    assert list(together) == ["bleu", "chrf", "chrf++", "ter"]

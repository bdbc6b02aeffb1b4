"""Scores against values worked out by hand, and against sacreBLEU's own command line."""

import json
import math
import random
import subprocess
import sys

import pytest

from mtkit.errors import InputError, SettingsError
from mtkit.scoring.metrics import bleu, chrf
from tests.support.scoring import score_corpus

MAT = "the cat sat on the mat"

# (metric, hypotheses, references, expected)
TABLE = [
    ("bleu", [MAT], [[MAT]], 100.0),
    ("chrf", [MAT], [[MAT]], 100.0),
    ("chrf++", [MAT], [[MAT]], 100.0),
    ("ter", [MAT], [[MAT]], 0.0),
    # Five of six words, every n-gram right: only the brevity penalty is left, exp(1 - 6/5).
    ("bleu", ["the cat sat on the"], [[MAT]], 100 * math.exp(1 - 6 / 5)),
    # Papineni et al. 2002, example 2: clipped unigrams 2/7. Orders without a match: 1/2, 1/4, 1/8 of one
    # match (NIST smoothing).
    (
        "bleu",
        ["the the the the the the the"],
        [["the cat is on the mat"]],
        100 * (2 / 7 * 1 / (2 * 6) * 1 / (4 * 5) * 1 / (8 * 4)) ** 0.25,
    ),
    # The 13a tokenization parts the full stop from the word, as a reader would.
    ("bleu", ["the cat sat down ."], [["the cat sat down."]], 100.0),
    # Two references: each n-gram may come from either, the closer length (here 4) counts.
    ("bleu", ["a b c d"], [["a b c d e f g h"], ["a b c d"]], 100.0),
    # No word right, or fewer than four words in all: no credit.
    ("bleu", ["x y z w"], [["a b c d"]], 0.0),
    ("bleu", ["a b c"], [["a b c"]], 0.0),
    # One character is enough for chrF: orders longer than either text do not count.
    ("chrf", ["a"], [["a"]], 100.0),
    ("chrf", ["a"], [["b"]], 0.0),
    # Order 1: P 2/2, R 2/3. Order 2: P 1/1, R 1/2. Mean P 1, R 7/12; F2 = 5PR / (4P + R) = 35/55.
    ("chrf", ["ab"], [["abc"]], 100 * 35 / 55),
    # As above and word order 1 without a match: mean P 2/3, R 7/18.
    ("chrf++", ["ab"], [["abc"]], 100 * 5 * (2 / 3) * (7 / 18) / (4 * 2 / 3 + 7 / 18)),
    # One shift of a phrase, one substitution, one deletion, one insertion: an edit each, for six words.
    ("ter", ["on the mat the cat sat"], [[MAT]], 100 / 6),
    ("ter", ["the dog sat on the mat"], [[MAT]], 100 / 6),
    ("ter", ["the black cat sat on the mat"], [[MAT]], 100 / 6),
    ("ter", ["the cat sat on mat"], [[MAT]], 100 / 6),
    # A corpus score is a score of sums, not a mean of scores: 1 edit in 6 + 2 words.
    ("ter", [MAT, "a b"], [[MAT, "a c"]], 100 / 8),
    # Nothing said.
    ("bleu", [""], [[MAT]], 0.0),
    ("chrf", [""], [[MAT]], 0.0),
    ("chrf++", [""], [[MAT]], 0.0),
    ("ter", [""], [[MAT]], 100.0),
    ("bleu", ["", ""], [["", ""]], 0.0),
    ("chrf", ["", ""], [["", ""]], 0.0),
    ("ter", ["", ""], [["", ""]], 0.0),
    ("ter", ["a b"], [[""]], 100.0),
    # One empty line among good ones costs length alone.
    ("bleu", [MAT, ""], [[MAT, "a dog"]], 100 * math.exp(1 - 8 / 6)),
]


@pytest.mark.parametrize(("key", "hypotheses", "references", "expected"), TABLE)
def test_values_by_hand(key, hypotheses, references, expected):
    metric = score_corpus(hypotheses, references).metrics[key]
    assert metric.score == pytest.approx(expected, abs=1e-6)
    assert metric.interval is None
    assert "bs:" not in metric.signature


def test_case():
    plain = score_corpus(["The Cat Sat Down"], [["the cat sat down"]])
    lower = score_corpus(["The Cat Sat Down"], [["the cat sat down"]], lowercase=True)
    assert plain.metrics["bleu"].score == 0
    assert [lower.metrics[key].score for key in ("bleu", "chrf", "chrf++")] == pytest.approx([100, 100, 100])
    assert "case:mixed" in plain.metrics["bleu"].signature
    assert "case:lc" in lower.metrics["bleu"].signature
    assert (
        plain.metrics["ter"].score == lower.metrics["ter"].score == 0
    )  # as sacreBLEU's default, and its signature says so
    assert "case:lc" in plain.metrics["ter"].signature


def test_tokenization_is_in_the_signature():
    scores = score_corpus(["abcd"], [["abcd"]], tokenize="char")
    assert scores.metrics["bleu"].score == pytest.approx(100)
    assert "tok:char" in scores.metrics["bleu"].signature


def test_tokenization_without_its_package(monkeypatch):
    def absent(*args, **kwargs):
        raise RuntimeError("install me")

    monkeypatch.setattr("sacrebleu.metrics.BLEU", absent)
    with pytest.raises(SettingsError, match=r"sacrebleu\[ja\]"):
        bleu(["a"], ["a"], tokenize="ja-mecab")


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        (["a", "b"], [["a"]], "2 hypotheses but 1 lines in the reference"),
        (["a"], [["a"], ["a", "b"]], "1 hypotheses but 2 lines in reference 2"),
        ([], [[]], "no lines to score"),
        (["a"], [], "no reference"),
    ],
)
def test_wrong_counts(hypotheses, references, message):
    with pytest.raises(InputError, match=message):
        score_corpus(hypotheses, references)


def test_wrong_counts_of_a_single_metric():
    with pytest.raises(InputError, match="1 hypotheses but 2 lines"):
        bleu(["a"], ["a", "b"])


@pytest.fixture(scope="module")
def corpus():
    """Forty sentences and two noisy references for each."""
    draw = random.Random(7)
    words = [
        "a",
        "cat",
        "dog",
        "house",
        "sees",
        "the",
        "and",
        "green,",
        "old.",
        "It's",
        "3.5",
        "naïve",
        "café",
    ]
    hypotheses = [" ".join(draw.choices(words, k=draw.randint(4, 14))) for _ in range(40)]

    def noisy(line):
        return " ".join(draw.choice(words) if draw.random() < 0.2 else word for word in line.split())

    return hypotheses, [[noisy(line) for line in hypotheses] for _ in range(2)]


def test_single_metrics_equal_the_whole(corpus):
    hypotheses, references = corpus
    scores = score_corpus(hypotheses, references[:1], bootstrap_samples=10)
    assert bleu(hypotheses, references[0]) == scores.metrics["bleu"].score
    assert chrf(hypotheses, references[0]) == scores.metrics["chrf"].score


@pytest.mark.parametrize("word_order", [0, 2])
def test_agrees_with_the_sacrebleu_command(corpus, tmp_path, word_order):
    hypotheses, references = corpus
    files = [tmp_path / name for name in ("hypothesis", "reference-1", "reference-2")]
    for file, lines in zip(files, [hypotheses, *references], strict=True):
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "sacrebleu", *files[1:], "-i", files[0], "-m", "bleu", "chrf", "ter"]
    command += ["--chrf-word-order", str(word_order), "--confidence", "--confidence-n", "200", "--width", "3"]
    done = subprocess.run(
        command, capture_output=True, check=True, env={"SACREBLEU_SEED": "12345", "HOME": str(tmp_path)}
    )
    theirs = {entry["name"]: entry for entry in json.loads(done.stdout)}
    ours = score_corpus(hypotheses, references, bootstrap_samples=200, seed=12345)
    assert ours.lines == 40
    assert ours.references == 2
    for metric in (
        ours.metrics["bleu"],
        ours.metrics["chrf++" if word_order else "chrf"],
        ours.metrics["ter"],
    ):
        entry = theirs[{"chrF": "chrF2", "chrF++": "chrF2++"}.get(metric.name, metric.name)]
        assert metric.signature == entry["signature"]
        assert metric.score == pytest.approx(entry["score"], abs=6e-4)
        assert metric.interval.mean == pytest.approx(entry["confidence_mean"], abs=6e-4)
        assert (metric.interval.high - metric.interval.low) / 2 == pytest.approx(
            entry["confidence_var"], abs=6e-4
        )

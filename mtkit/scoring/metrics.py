"""BLEU, chrF, chrF++ and TER of a corpus, computed by sacreBLEU (Post 2018, arXiv:1804.08771).

A number travels with its signature, and `mtkit score` and validation in training both come here, so that a score printed
in training and one printed by the command cannot differ. sacrebleu is imported when the first score is computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtkit.errors import InputError, SettingsError
from mtkit.scoring.significance import Interval, bootstrap_interval

NAMES = {"bleu": "BLEU", "chrf": "chrF", "chrf++": "chrF++", "ter": "TER"}


@dataclass(frozen=True)
class Metric:
    """One score of a corpus.

    Attributes:
        name: "BLEU", "chrF", "chrF++" or "TER".
        score: from 0 to 100, higher is better; TER is edits for each 100 reference words, lower is better.
        signature: sacreBLEU's description of how the score was made.
        interval: the 95% confidence interval, or None when no bootstrap was asked for.
    """

    name: str
    score: float
    signature: str
    interval: Interval | None = None


@dataclass(frozen=True)
class Scores:
    """All scores of a corpus: metrics under the keys "bleu", "chrf", "chrf++" and "ter"."""

    lines: int
    references: int
    metrics: dict[str, Metric]


def score_corpus(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    tokenize: str = "13a",
    lowercase: bool = False,
    bootstrap_samples: int = 0,
    seed: int = 12345,
) -> Scores:
    """Every metric of a corpus.

    Args:
        hypotheses: one a sentence.
        references: one list or more, each as long as `hypotheses`.
        tokenize: sacreBLEU's name of BLEU's tokenization.
        lowercase: ignore case in BLEU and chrF. TER ignores case always, as sacreBLEU's default does.
        bootstrap_samples: resamplings behind the 95% confidence intervals; 0 none.
        seed: of the resampling.

    Raises:
        InputError: there is nothing to score, or the counts differ.
        SettingsError: a tokenization whose package is not installed.
    """
    _check_counts(hypotheses, references)
    metrics = {}
    for key, name in NAMES.items():
        scorer = _scorer(key, tokenize, lowercase)
        statistics = _statistics(scorer, hypotheses, references)
        score = _score(scorer, statistics)
        interval = None
        if bootstrap_samples:
            interval = bootstrap_interval(statistics, scorer, bootstrap_samples, seed)
            scorer.n_bootstrap, scorer.seed = bootstrap_samples, seed  # into the signature
        metrics[key] = Metric(name, score, scorer.get_signature().format(), interval)
    return Scores(len(hypotheses), len(references), metrics)


def bleu(hypotheses: Sequence[str], references: Sequence[str], tokenize: str = "13a", lowercase: bool = False) -> float:
    """BLEU alone against one reference a sentence: what `score_corpus` reports, without the rest."""
    return _single("bleu", hypotheses, references, tokenize, lowercase)


def chrf(hypotheses: Sequence[str], references: Sequence[str], lowercase: bool = False) -> float:
    """chrF alone against one reference a sentence: what `score_corpus` reports, without the rest."""
    return _single("chrf", hypotheses, references, "13a", lowercase)


def check_tokenization(tokenize: str) -> None:
    """Raises SettingsError where the package for a tokenization of BLEU is not installed."""
    _scorer("bleu", tokenize, False)


def _single(key: str, hypotheses: Sequence[str], references: Sequence[str], tokenize: str, lowercase: bool) -> float:
    _check_counts(hypotheses, [references])
    scorer = _scorer(key, tokenize, lowercase)
    return _score(scorer, _statistics(scorer, hypotheses, [references]))


def _scorer(key: str, tokenize: str, lowercase: bool) -> Any:
    """A new sacreBLEU metric object."""
    from sacrebleu.metrics import BLEU, CHRF, TER

    if key == "bleu":
        try:
            # force: no warning about tokenized text from within training; `mtkit score` gives its own
            return BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
        except (RuntimeError, ImportError):
            extra = {"ja-mecab": "sacrebleu[ja]", "ko-mecab": "sacrebleu[ko]"}.get(tokenize, "sacrebleu")
            raise SettingsError(f"tokenization {tokenize} needs a package that is not installed: pip install '{extra}'") from None
    if key == "ter":
        return TER()
    return CHRF(word_order=2 if key == "chrf++" else 0, lowercase=lowercase)


# The two calls below are what sacreBLEU's own corpus_score() is made of. They are used apart because its bootstrap takes the
# seed from the environment (SACREBLEU_SEED) and holds samples x lines x statistics in memory.


def _statistics(scorer: Any, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> list[list[float]]:
    return scorer._extract_corpus_statistics(hypotheses, references)


def _score(scorer: Any, statistics: list[list[float]]) -> float:
    return float(scorer._aggregate_and_compute(statistics).score)


def _check_counts(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if not references:
        raise InputError("there is no reference to score against")
    for number, reference in enumerate(references, start=1):
        if len(reference) != len(hypotheses):
            which = f"reference {number}" if len(references) > 1 else "the reference"
            raise InputError(f"{len(hypotheses)} hypotheses but {len(reference)} lines in {which}; each line needs its counterpart")
    if not hypotheses:
        raise InputError("there are no lines to score")

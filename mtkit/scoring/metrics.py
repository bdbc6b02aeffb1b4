"""BLEU, chrF, chrF++ and TER of a corpus, computed by sacreBLEU (Post 2018, arXiv:1804.08771).

A number travels with its signature, and `mtkit score` and validation in training both come here, so that a
score printed in training and one printed by the command cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mtkit.scoring.counts import Counts, count_corpus
from mtkit.scoring.significance import Interval


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


def signature(counts: Counts, seed: int, **draws: int) -> str:
    """How a score was made, in sacreBLEU's words.

    Args:
        seed: of the draws.
        draws: how many, under sacreBLEU's letters for what they are: bs (bootstrap resamplings), ar
            (randomisation trials).
    """
    parts = counts.scorer.get_signature()
    for letters, count in draws.items():
        if count:
            parts.update(letters, count)
            parts.update("seed", seed)
    return parts.format()


def bleu(hypotheses: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> float:
    """BLEU alone against one reference a sentence, as `score_systems` reports it."""
    return count_corpus(hypotheses, [references], tokenize, keys=["bleu"])["bleu"].score()


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF alone against one reference a sentence, as `score_systems` reports it."""
    return count_corpus(hypotheses, [references], keys=["chrf"])["chrf"].score()

"""What a metric counts in each line. Every score of any lines is a function of the sum of their counts.

Corpus scores, sentence scores, scores of a bucket of lines, resamplings: all of them come from one pass of
sacreBLEU over the text. sacrebleu is imported when the first counts are taken.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtkit.errors import InputError, SettingsError
from mtkit.text.patterns import UNSPACED

NAMES = {"bleu": "BLEU", "chrf": "chrF", "chrf++": "chrF++", "ter": "TER"}
# Of each of six orders of characters: in the hypothesis, in the reference, in both.
COUNTS_OF_CHRF = 18


@dataclass(frozen=True)
class Counts:
    """Counts of one metric.

    Attributes:
        key: "bleu", "chrf", "chrf++" or "ter".
        scorer: the metric of sacreBLEU.
        rows: float64 [lines, counts].
    """

    key: str
    scorer: Any
    rows: np.ndarray

    @property
    def name(self) -> str:
        return NAMES[self.key]

    def score(self, lines: np.ndarray | None = None) -> float:
        """The corpus score of all lines, or of those at some places."""
        rows = self.rows if lines is None else self.rows[lines]
        return self.of_sums(rows.sum(axis=0)[None])[0]

    def of_sums(self, sums: np.ndarray) -> list[float]:
        """The score of each row of sums, float64 [N, counts]."""
        return [float(self.scorer._compute_score_from_stats(row).score) for row in sums.tolist()]

    def sentence_scores(self) -> list[float]:
        """The score of each line by itself; of BLEU that of the orders which the line is long enough for, as
        sacreBLEU's.
        """
        scorer = copy.copy(self.scorer)
        if self.key == "bleu":
            scorer.effective_order = True
        return Counts(self.key, scorer, self.rows).of_sums(self.rows)


def usual_metric(references: Sequence[str]) -> str:
    """What to judge translations by, where nobody says: "bleu", or "chrf" where most letters of the
    references are of scripts that put no space between words; of these BLEU takes a whole clause for a word.
    """
    unspaced, letters = (
        sum(len(re.sub(others, "", line)) for line in references) for others in (f"[^{UNSPACED}]+", r"\W+")
    )
    return "chrf" if 2 * unspaced > letters else "bleu"


def count_corpus(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    tokenize: str = "13a",
    lowercase: bool = False,
    keys: Sequence[str] = tuple(NAMES),
) -> dict[str, Counts]:
    """The counts of each metric.

    Args:
        hypotheses: one a sentence.
        references: one list or more, each as long as `hypotheses`.
        tokenize: sacreBLEU's name of BLEU's tokenization.
        lowercase: ignore case in BLEU and chrF. TER ignores case always, as sacreBLEU's default does.

    Raises:
        InputError: there is nothing to score, or the counts of lines differ.
        SettingsError: a tokenization whose package is not installed.
    """
    _check_lines(hypotheses, references)
    found: dict[str, Counts] = {}
    # chrF++ counts what chrF does, and words; against one reference these are the counts of chrF.
    shared = len(references) == 1 and {"chrf", "chrf++"} <= set(keys)
    for key in sorted(keys, key=lambda key: key != "chrf++"):
        scorer = metric_scorer(key, tokenize, lowercase)
        if shared and key == "chrf":
            whole = found["chrf++"]
            scorer.num_refs = whole.scorer.num_refs
            found[key] = Counts(key, scorer, whole.rows[:, :COUNTS_OF_CHRF])
            continue
        # With _compute_score_from_stats, what sacreBLEU's own corpus_score() is made of. They are used apart
        # because its resampling takes the seed from the environment (SACREBLEU_SEED) and holds samples x
        # lines x counts in memory.
        found[key] = Counts(
            key, scorer, np.asarray(scorer._extract_corpus_statistics(hypotheses, references), np.float64)
        )
    return {key: found[key] for key in keys}


def metric_scorer(key: str, tokenize: str, lowercase: bool) -> Any:
    """A new metric of sacreBLEU; raises SettingsError where the package for its tokenization is not
    installed.
    """
    from sacrebleu.metrics import BLEU, CHRF, TER

    if key == "bleu":
        try:
            # force: no warning about tokenized text from within training; `mtkit score` gives its own
            return BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
        except (RuntimeError, ImportError):
            extra = {"ja-mecab": "sacrebleu[ja]", "ko-mecab": "sacrebleu[ko]"}.get(tokenize, "sacrebleu")
            raise SettingsError(
                f"tokenization {tokenize} needs a package that is not installed: pip install '{extra}'"
            ) from None
    if key == "ter":
        return TER()
    return CHRF(word_order=2 if key == "chrf++" else 0, lowercase=lowercase)


def _check_lines(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if not references:
        raise InputError("there is no reference to score against")
    for number, reference in enumerate(references, start=1):
        if len(reference) != len(hypotheses):
            which = f"reference {number}" if len(references) > 1 else "the reference"
            raise InputError(
                f"{len(hypotheses)} hypotheses but {len(reference)} lines in {which}; each line needs its"
                " counterpart"
            )
    if not hypotheses:
        raise InputError("there are no lines to score")

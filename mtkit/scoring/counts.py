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
    unspaced = sum(len(re.sub(f"[^{UNSPACED}]+", "", line)) for line in references)
    letters = sum(len(re.sub(r"\W+", "", line)) for line in references)
    return "chrf" if 2 * unspaced > letters else "bleu"


def count_corpus(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    tokenize: str = "13a",
    *,
    lowercase: bool = False,
    keys: Sequence[str] = tuple(NAMES),
) -> dict[str, Counts]:
    """The counts of each metric.

    Args:
        hypotheses: one a sentence.
        references: one list or more, each as long as `hypotheses`.
        tokenize: sacreBLEU's name of BLEU's tokenization.
        lowercase: ignore case in BLEU and chrF. TER ignores case always, as sacreBLEU's default does.
        keys: of the metrics.

    Raises:
        InputError: there is nothing to score, or the counts of lines differ.
        SettingsError: a tokenization whose package is not installed.
    """
    _check_lines(hypotheses, references)
    scorers = {key: metric_scorer(key, tokenize, lowercase=lowercase) for key in keys}
    if len(references) == 1 and {"chrf", "chrf++"} <= set(keys):
        # chrF++ counts what chrF does, and words; against one reference these are the counts of chrF.
        with_words = _counted(hypotheses, references, "chrf++", scorers["chrf++"])
        scorers["chrf"].num_refs = with_words.scorer.num_refs
        character_rows = with_words.rows[:, :COUNTS_OF_CHRF]
        known = {"chrf++": with_words, "chrf": Counts("chrf", scorers["chrf"], character_rows)}
    else:
        known = {}
    return {key: known.get(key) or _counted(hypotheses, references, key, scorers[key]) for key in keys}


def _counted(hypotheses: Sequence[str], references: Sequence[Sequence[str]], key: str, scorer: Any) -> Counts:
    # With _compute_score_from_stats, what sacreBLEU's own corpus_score() is made of. They are used apart
    # because its resampling takes the seed from the environment (SACREBLEU_SEED) and holds samples x lines x
    # counts in memory.
    rows = scorer._extract_corpus_statistics(hypotheses, references)
    return Counts(key, scorer, np.asarray(rows, np.float64))


def metric_scorer(key: str, tokenize: str, *, lowercase: bool) -> Any:
    """A new metric of sacreBLEU; raises SettingsError where the package for its tokenization is missing."""
    from sacrebleu.metrics import BLEU, CHRF, TER

    if key == "ter":
        return TER()
    if key != "bleu":
        return CHRF(word_order=2 if key == "chrf++" else 0, lowercase=lowercase)
    try:
        # force: no warning about tokenized text from within training; `mtkit score` gives its own
        return BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    except (RuntimeError, ImportError):
        extra = {"ja-mecab": "sacrebleu[ja]", "ko-mecab": "sacrebleu[ko]"}.get(tokenize, "sacrebleu")
        raise SettingsError(
            f"tokenization {tokenize} needs a package that is not installed: pip install '{extra}'"
        ) from None


def check_tokenization(tokenize: str) -> None:
    """Raises SettingsError where BLEU cannot tokenize so; to be called before long work."""
    metric_scorer("bleu", tokenize, lowercase=False)


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

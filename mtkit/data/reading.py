"""The first way through the training text: what is fit to train on goes to the spool, the rest is counted."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from mtkit.data.cleaner import Cleaner, nothing_left
from mtkit.data.evaluation import CHUNK_PAIRS
from mtkit.data.inputs import TrainingCorpus
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.store import SIDES
from mtkit.errors import InputError
from mtkit.reporter import Reporter
from mtkit.settings.prepare import PrepareSettings
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.tokenizer import running_words


@dataclass(frozen=True)
class Cleaned:
    """What came of reading.

    Attributes:
        read: pairs of each corpus, in their order.
        dropped: pairs, by reason.
        words: running words of what is fit, by side.
        pairs_in: how many pairs that are fit also occur in each evaluation part.
    """

    read: list[int]
    dropped: Counter
    words: dict[str, int]
    pairs_in: dict[str, int]


class TextSize:
    """Counts what stands between spaces, and characters, of each side."""

    def __init__(self):
        self._words = dict.fromkeys(SIDES, 0)
        self._characters = dict.fromkeys(SIDES, 0)

    def add(self, pair: SentencePair) -> None:
        """Count a pair."""
        self._words["source"] += len(pair.source.split())
        self._words["target"] += len(pair.target.split())
        self._characters["source"] += len(pair.source)
        self._characters["target"] += len(pair.target)

    def running_words(self) -> dict[str, int]:
        """Words of each side, also where spaces are few."""
        return {side: running_words(self._words[side], self._characters[side]) for side in SIDES}


def clean(
    corpora: list[TrainingCorpus],
    settings: PrepareSettings,
    spool: Spool,
    rejects: Rejects,
    evaluation: dict[str, np.ndarray],
    reporter: Reporter,
) -> Cleaned:
    """Read the training text; spool the pairs whose text is fit.

    Args:
        evaluation: for each evaluation part its `cleaning.evaluation_hashes`.

    Raises:
        InputError: no pair is left.
    """
    read, dropped = [], Counter()
    cleaner = Cleaner(settings.dropped_kinds, settings.languages, evaluation)
    size = TextSize()
    pairs_in = dict.fromkeys(evaluation, 0)
    for corpus in corpora:
        read.append(0)
        for pairs in chunks(corpus.pairs, CHUNK_PAIRS):
            read[-1] += len(pairs)
            fit = []
            for pair, kinds in zip(pairs, cleaner.kinds(pairs), strict=True):
                if kinds:
                    dropped[kinds[0]] += 1
                    rejects.add(kinds[0], pair)
                else:
                    fit.append(pair)
                    size.add(pair)
            hashes = cleaning.leak_hashes(fit if evaluation else ())
            for part, evaluation_hashes in evaluation.items():
                pairs_in[part] += int(cleaning.leaked(hashes, evaluation_hashes).sum())
            spool.append(fit)
            reporter.count("reading", sum(read), unit="pairs")
        spool.end_corpus()
    if not sum(read):
        raise InputError("the training text has no pairs; name another with --train")
    if not spool.pairs:
        raise nothing_left(f"of {sum(read)} read, dropped", dropped)
    return Cleaned(read, dropped, size.running_words(), pairs_in)

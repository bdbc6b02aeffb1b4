"""The first way through the training text: what is fit to train on goes to the spool, the rest is counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mtkit.data.cleaner import Cleaner
from mtkit.data.evaluation import CHUNK_PAIRS
from mtkit.data.mixture import Ingredient
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.store import SIDES
from mtkit.data.vocabulary import Progress
from mtkit.errors import InputError
from mtkit.settings import PrepareSettings
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
        known: how many pairs that are fit also occur in each evaluation part.
    """

    read: list[int]
    dropped: Counter
    words: dict[str, int]
    known: dict[str, int]


def clean(
    corpora: list[tuple[Ingredient, Iterable[SentencePair]]],
    settings: PrepareSettings,
    spool: Spool,
    rejects: Rejects,
    known: dict[str, np.ndarray],
    progress: Progress,
) -> Cleaned:
    """Read the training text; spool the pairs whose text is fit.

    Args:
        known: for each evaluation part its `cleaning.evaluation_hashes`.

    Raises:
        InputError: no pair is left.
    """
    read, dropped = [], Counter()
    cleaner = Cleaner(settings.dropped_kinds, (settings.source_language, settings.target_language), known)
    words, characters = dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0)
    in_known = dict.fromkeys(known, 0)
    for _, corpus in corpora:
        read.append(0)
        for pairs in chunks(corpus, CHUNK_PAIRS):
            read[-1] += len(pairs)
            fit = []
            for pair, kinds in zip(pairs, cleaner.kinds(pairs), strict=True):
                if kinds:
                    dropped[kinds[0]] += 1
                    rejects.add(kinds[0], pair)
                else:
                    fit.append(pair)
            hashes = cleaning.leak_hashes(fit if known else ())
            for part, evaluation in known.items():
                in_known[part] += int(cleaning.leaked(hashes, evaluation).sum())
            for pair in fit:
                words["source"] += len(pair.source.split())
                words["target"] += len(pair.target.split())
                characters["source"] += len(pair.source)
                characters["target"] += len(pair.target)
            spool.append(fit)
            progress("reading", sum(read), None)
        spool.end_corpus()
    if not spool.pairs:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise InputError(f"no pair of the training text is left: of {sum(read)} read, dropped {reasons}")
    return Cleaned(
        read, dropped, {side: running_words(words[side], characters[side]) for side in SIDES}, in_known
    )

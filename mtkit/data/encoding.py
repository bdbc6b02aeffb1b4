"""The second way through the training text: from the spool to the token store."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from mtkit.data.cleaner import BY_CORPUS
from mtkit.data.evaluation import CHUNK_PAIRS, RawText
from mtkit.data.mixture import Ingredient
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.store import SIDES, CorpusWriter
from mtkit.data.vocabulary import Progress
from mtkit.errors import InputError
from mtkit.settings import PrepareSettings
from mtkit.text import cleaning
from mtkit.text.lengths import Lengths
from mtkit.text.tokenizer import Tokenizer

PERCENTILES = (50, 90, 99)
# Pairs, evenly spread, that tell which lengths are usual.
LENGTHS_SAMPLE = 200_000


@dataclass(frozen=True)
class Encoded:
    """What came of encoding.

    Attributes:
        pairs: stored of each corpus, as often as its weight says.
        dropped: pairs, by reason.
        split_off: pairs of each evaluation part.
        tokens: stored, by side.
        types: different tokens among them, by side.
        length_percentiles: lengths of the stored sentences (see `PrepareReport`).
    """

    pairs: list[int]
    dropped: Counter
    split_off: dict[str, int]
    tokens: dict[str, int]
    types: dict[str, int]
    length_percentiles: dict[str, dict[str, int]]


def encode_training(
    settings: PrepareSettings,
    ingredients: list[Ingredient],
    spool: Spool,
    held_out: dict[int, str],
    tokenizers: dict[str, Tokenizer],
    data: Path,
    rejects: Rejects,
    progress: Progress,
) -> Encoded:
    """Encode the spool; pairs of fit length go to the training store, or as raw text to the part they are held out for.

    What is held out stays without tag and weight: it is what people write.

    Raises:
        InputError: no pair is left.
    """
    dropped: Counter = Counter()
    usual = Lengths.of(pair for _, pair in spool.sample(LENGTHS_SAMPLE)) if BY_CORPUS in settings.dropped_kinds else None
    split_off = dict.fromkeys(dict.fromkeys(held_out.values()), 0)
    counts = {side: _Counts(tokenizers[side].size) for side in SIDES}
    owed: list[str] = []
    stored, done = [], 0
    with contextlib.ExitStack() as stack:
        raw = {part: stack.enter_context(RawText(data / part)) for part in sorted(split_off)}
        store = CorpusWriter(data / "train", max(tokenizer.size for tokenizer in tokenizers.values()))
        stack.callback(store.close)
        pairs_of_all = iter(spool)
        for one, own in zip(ingredients, spool.corpora, strict=True):
            begin, before = done, store.pairs
            tagged = {**tokenizers, "source": tokenizers["source"].tagged(one.tag)}
            for pairs in chunks(islice(pairs_of_all, own), CHUNK_PAIRS):
                ids = {side: tagged[side].encode([getattr(pair, side) for pair in pairs]) for side in SIDES}
                kept: list[int] = []
                for place, pair in enumerate(pairs):
                    part = held_out.get(done + place)
                    lengths = len(ids["source"][place]) - bool(one.tag), len(ids["target"][place])
                    reason = cleaning.length_reason(*lengths, settings.max_length_tokens, settings.max_length_ratio)
                    if usual and not reason and usual.unusual(pair):
                        reason = BY_CORPUS
                    if reason:
                        dropped[reason] += 1
                        rejects.add(reason, pair)
                        if part:
                            owed.append(part)  # the next fit pair takes its place
                    elif part or owed:
                        part = part or owed.pop(0)
                        raw[part].append([pair])
                        split_off[part] += 1
                    else:
                        kept += [place] * one.copies(done + place - begin)
                chosen = {side: [ids[side][place] for place in kept] for side in SIDES}
                store.append(chosen["source"], chosen["target"])
                for side in SIDES:
                    counts[side].add(chosen[side])
                done += len(pairs)
                progress("encoding", done, spool.pairs)
            stored.append(store.pairs - before)
    if not store.pairs:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise InputError(f"no pair of the training text is left after cleaning ({reasons}); see --max-length-tokens")
    return Encoded(
        pairs=stored,
        dropped=dropped,
        split_off=split_off,
        tokens={side: int(counts[side].uses.sum()) for side in SIDES},
        types={side: int((counts[side].uses > 0).sum()) for side in SIDES},
        length_percentiles={side: percentiles(counts[side].lengths) for side in SIDES},
    )


class _Counts:
    """How often each token is used, int64 [V], and how many sentences have each length, int64 [longest + 1]."""

    def __init__(self, size: int):
        self.uses, self.lengths = np.zeros(size, np.int64), np.zeros(1, np.int64)

    def add(self, sentences: list[list[int]]) -> None:
        flat = np.fromiter((token for sentence in sentences for token in sentence), np.int64)
        self.uses += np.bincount(flat, minlength=len(self.uses))
        counted = np.bincount([len(sentence) for sentence in sentences], minlength=len(self.lengths))
        counted[: len(self.lengths)] += self.lengths
        self.lengths = counted


def percentiles(counts: np.ndarray) -> dict[str, int]:
    """The smallest lengths that so many percent of the sentences do not exceed; `counts` is int [longest + 1] by length."""
    cumulative = np.cumsum(counts)
    found = {str(percent): int(np.searchsorted(cumulative, cumulative[-1] * percent / 100)) for percent in PERCENTILES}
    return {**found, "max": len(counts) - 1}

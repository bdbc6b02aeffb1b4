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
from mtkit.text.corpus import SentencePair
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
        known: how many pairs that are fit also occur in each of these parts.
        tokens: stored, by side.
        types: different tokens among them, by side.
        length_percentiles: lengths of the stored sentences (see `PrepareReport`).
    """

    pairs: list[int]
    dropped: Counter
    split_off: dict[str, int]
    known: dict[str, int]
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
    """Encode the spool; pairs of fit length go to the training store, or as raw text to the part they are
    held out for.

    What is held out stays without tag and weight: it is what people write.

    Raises:
        InputError: no pair is left.
    """
    dropped: Counter = Counter()
    split_off = dict.fromkeys(dict.fromkeys(held_out.values()), 0)
    counts = {side: _Counts(tokenizers[side].size) for side in SIDES}
    judge = _Judge(settings, spool, held_out)
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
                parts = [held_out.get(done + place) for place in range(len(pairs))]
                lengths = [
                    (len(source) - bool(one.tag), len(target))
                    for source, target in zip(*ids.values(), strict=True)
                ]
                kept: list[int] = []
                for place, (pair, part, reason) in enumerate(
                    zip(pairs, parts, judge.reasons(pairs, lengths, parts), strict=True)
                ):
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
                for block in chunks(kept, CHUNK_PAIRS):
                    chosen = {side: [ids[side][place] for place in block] for side in SIDES}
                    store.append(chosen["source"], chosen["target"])
                    for side in SIDES:
                        counts[side].add(chosen[side])
                done += len(pairs)
                progress("encoding", done, spool.pairs)
            stored.append(store.pairs - before)
    if not store.pairs:
        reasons = ", ".join(f"{count} {reason}" for reason, count in dropped.items())
        why = (
            f"after cleaning ({reasons}); see --max-length-tokens"
            if reasons
            else "with these weights and so few pairs"
        )
        raise InputError(f"no pair of the training text is left {why}")
    return Encoded(
        pairs=stored,
        dropped=dropped,
        split_off=split_off,
        known=judge.known,
        tokens={side: int(counts[side].uses.sum()) for side in SIDES},
        types={side: int((counts[side].uses > 0).sum()) for side in SIDES},
        length_percentiles={side: percentiles(counts[side].lengths) for side in SIDES},
    )


class _Judge:
    """Tells what is unfit of text that is read, by its tokens, by what is usual in it, and by what is held
    out of it.

    Attributes:
        known: how many pairs that are fit also occur in each part that is held out.
    """

    def __init__(self, settings: PrepareSettings, spool: Spool, held_out: dict[int, str]):
        kinds = settings.dropped_kinds
        self._limits = settings.max_length_tokens, settings.max_length_ratio
        self._usual = (
            Lengths.of(pair for _, pair in spool.sample(LENGTHS_SAMPLE)) if BY_CORPUS in kinds else None
        )
        self._drops_leaked = "leaked" in kinds
        own: dict[str, list[SentencePair]] = {part: [] for part in held_out.values()}
        for index, pair in enumerate(spool if held_out else ()):
            if index in held_out:
                own[held_out[index]].append(pair)
        self._held_out = {part: cleaning.evaluation_hashes(pairs) for part, pairs in own.items()}
        self.known = dict.fromkeys(own, 0)

    def reasons(
        self, pairs: list[SentencePair], lengths: list[tuple[int, int]], parts: list[str | None]
    ) -> list[str | None]:
        """Why each pair is unfit, or None.

        Args:
            lengths: of both sides, in tokens.
            parts: what each is held out for, or None.
        """
        found = [cleaning.length_reason(*own, *self._limits) for own in lengths]
        if self._usual:
            unusual = (BY_CORPUS if self._usual.unusual(pair) else None for pair in pairs)
            found = [reason or other for reason, other in zip(found, unusual, strict=True)]
        rest = [place for place, reason in enumerate(found) if not (reason or parts[place])]
        hashes = cleaning.leak_hashes([pairs[place] for place in rest] if self._held_out else ())
        for part, evaluation in self._held_out.items():
            known = cleaning.leaked(hashes, evaluation)
            if self._drops_leaked:
                for place in np.array(rest, int)[known].tolist():
                    found[place] = "leaked"
            else:
                self.known[part] += int(known.sum())
        return found


class _Counts:
    """How often each token is used, int64 [V], and how many sentences have each length, int64 [longest +
    1].
    """

    def __init__(self, size: int):
        self.uses, self.lengths = np.zeros(size, np.int64), np.zeros(1, np.int64)

    def add(self, sentences: list[list[int]]) -> None:
        flat = np.fromiter((token for sentence in sentences for token in sentence), np.int64)
        self.uses += np.bincount(flat, minlength=len(self.uses))
        counted = np.bincount([len(sentence) for sentence in sentences], minlength=len(self.lengths))
        counted[: len(self.lengths)] += self.lengths
        self.lengths = counted


def percentiles(counts: np.ndarray) -> dict[str, int]:
    """The smallest lengths that so many percent of the sentences do not exceed; `counts` is int [longest + 1]
    by length.
    """
    cumulative = np.cumsum(counts)
    found = {
        str(percent): int(np.searchsorted(cumulative, cumulative[-1] * percent / 100))
        for percent in PERCENTILES
    }
    return {**found, "max": len(counts) - 1}

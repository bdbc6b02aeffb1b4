"""The second way through the training text: from the spool to the token store."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from mtkit.data.cleaner import BY_CORPUS, nothing_left
from mtkit.data.evaluation import CHUNK_PAIRS, RawText
from mtkit.data.mixture import Ingredient
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.store import SIDES, CorpusWriter
from mtkit.errors import InputError
from mtkit.reporter import Reporter
from mtkit.settings.prepare import PrepareSettings
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths
from mtkit.text.tokenizer import Tokenizer

PERCENTILES = (50, 90, 99, 99.9)
# Pairs, evenly spread, that tell which lengths are usual.
LENGTHS_SAMPLE = 200_000

# Token ids of some sentences of each side.
SideIds = dict[str, list[list[int]]]


@dataclass(frozen=True)
class Encoded:
    """What came of encoding.

    Attributes:
        pairs: stored of each corpus, as often as its weight says.
        following: how many of them stand behind another in their document; 0 without context.
        dropped: pairs, by reason.
        split_off: pairs of each evaluation part.
        pairs_in: how many pairs that are fit also occur in each of these parts.
        tokens: stored, by side.
        types: different tokens among them, by side.
        length_percentiles: lengths of the stored sentences (see `PrepareReport`).
    """

    pairs: list[int]
    following: int
    dropped: Counter
    split_off: dict[str, int]
    pairs_in: dict[str, int]
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
    reporter: Reporter,
) -> Encoded:
    """Encode the spool; fit pairs go to the training store, or as text to the part they are held out for.

    What is held out stays without tag and weight: it is what people write.

    Args:
        held_out: by the place of a pair in the spool the part that it is held out for.
        data: the folder with a folder for each part.

    Raises:
        InputError: no pair is left.
    """
    judge = Judge(settings, spool, held_out)
    stored = []
    with contextlib.ExitStack() as stack:
        raw = {part: stack.enter_context(RawText(data / part)) for part in sorted(set(held_out.values()))}
        size = max(tokenizer.size for tokenizer in tokenizers.values())
        store = CorpusWriter(data / "train", size, with_context=settings.context > 0)
        stack.callback(store.close)
        encoder = Encoder(tokenizers, held_out, judge, store, raw, rejects)
        pairs = iter(spool)
        for ingredient, count in zip(ingredients, spool.corpora, strict=True):
            pairs_before = store.pairs
            for chunk in chunks(islice(pairs, count), CHUNK_PAIRS):
                encoder.add(chunk, ingredient)
                reporter.count("encoding", encoder.done, spool.pairs, "pairs")
            encoder.end_corpus()
            stored.append(store.pairs - pairs_before)
    if not store.pairs and encoder.dropped:
        raise nothing_left(f"of {spool.pairs} that were fit so far, dropped", encoder.dropped)
    if not store.pairs:
        raise InputError(
            "no pair of the training text is left with these weights and so few pairs; raise a weight"
        )
    counts = encoder.counts
    return Encoded(
        pairs=stored,
        following=encoder.following if settings.context else 0,
        dropped=encoder.dropped,
        split_off=encoder.split_off,
        pairs_in=judge.pairs_in,
        tokens={side: int(counts[side].uses.sum()) for side in SIDES},
        types={side: int((counts[side].uses > 0).sum()) for side in SIDES},
        length_percentiles={side: percentiles(counts[side].lengths) for side in SIDES},
    )


class Encoder:
    """Sorts the pairs of the spool: to the token store, to what is held out, or to the rejects.

    Attributes:
        done: pairs of the spool so far.
        dropped: pairs, by reason.
        split_off: pairs that went to each evaluation part.
        following: stored pairs that stand behind another in their document.
        counts: tokens and lengths of what was stored, by side.
    """

    def __init__(
        self,
        tokenizers: dict[str, Tokenizer],
        held_out: dict[int, str],
        judge: "Judge",
        store: CorpusWriter,
        raw: dict[str, RawText],
        rejects: Rejects,
    ):
        self._tokenizers = tokenizers
        self._held_out = held_out
        self._judge = judge
        self._store = store
        self._raw = raw
        self._rejects = rejects
        # Parts whose pair turned out to be unfit: the next fit pair takes its place.
        self._owed: list[str] = []
        self._corpus_begin = 0
        self._last_stored: SentencePair | None = None
        self.done = 0
        self.following = 0
        self.dropped: Counter = Counter()
        self.split_off = dict.fromkeys(held_out.values(), 0)
        self.counts = {side: TokenCounts(tokenizers[side].size) for side in SIDES}

    def add(self, pairs: list[SentencePair], ingredient: Ingredient) -> None:
        """Sort the next pairs, which are of one corpus."""
        ids = {
            "source": self._tokenizers["source"]
            .tagged(ingredient.tag)
            .encode([pair.source for pair in pairs]),
            "target": self._tokenizers["target"].encode([pair.target for pair in pairs]),
        }
        tag_tokens = 1 if ingredient.tag else 0
        lengths = [
            (len(source) - tag_tokens, len(target))
            for source, target in zip(ids["source"], ids["target"], strict=True)
        ]
        parts = [self._held_out.get(index) for index in range(self.done, self.done + len(pairs))]
        reasons = self._judge.reasons(pairs, lengths, parts)
        kept: list[int] = []
        distances: list[int] = []
        for place, pair in enumerate(pairs):
            if self._is_for_training(pair, parts[place], reasons[place]):
                copies = ingredient.copies(self.done + place - self._corpus_begin)
                kept += [place] * copies
                distances += self._distances(pair, copies)
        self._append(ids, kept, distances)
        self.done += len(pairs)

    def end_corpus(self) -> None:
        """What is added from now on is of another corpus."""
        self._corpus_begin = self.done

    def _is_for_training(self, pair: SentencePair, part: str | None, reason: str | None) -> bool:
        """Whether a pair is to be stored; another is put where it belongs.

        Args:
            part: what it is held out for.
            reason: why it is unfit.
        """
        if reason:
            self.dropped[reason] += 1
            self._rejects.add(reason, pair)
            if part:
                self._owed.append(part)
            return False
        if part or self._owed:
            part = part or self._owed.pop(0)
            self._raw[part].append([pair])
            self.split_off[part] += 1
            return False
        return True

    def _distances(self, pair: SentencePair, copies: int) -> list[int]:
        """How far behind the pair before it in its document each copy of a pair is stored; 0 without one."""
        follows = self._last_stored is not None and pair.follows(self._last_stored)
        if copies:
            self._last_stored = pair
        # The copies stand side by side, and none is before another in the document.
        return [copy + 1 if follows else 0 for copy in range(copies)]

    def _append(self, ids: SideIds, places: list[int], distances: list[int]) -> None:
        """Store the sentences at these places, a place as often as it is named."""
        for block in chunks(zip(places, distances, strict=True), CHUNK_PAIRS):
            chosen = {side: [ids[side][place] for place, _ in block] for side in SIDES}
            distances_of_block = [distance for _, distance in block]
            self._store.append(chosen["source"], chosen["target"], distances_of_block)
            self.following += len(block) - distances_of_block.count(0)
            for side in SIDES:
                self.counts[side].add(chosen[side])


class Judge:
    """Tells what is unfit of text that is read: by its tokens, what is usual in it, and what is held out.

    Attributes:
        pairs_in: how many pairs that are fit also occur in each part that is held out.
    """

    def __init__(self, settings: PrepareSettings, spool: Spool, held_out: dict[int, str]):
        kinds = settings.dropped_kinds
        self._most_tokens, self._most_ratio = settings.max_length_tokens, settings.max_length_ratio
        self._usual = None
        if BY_CORPUS in kinds:
            self._usual = Lengths.of(pair for _, pair in spool.sample(LENGTHS_SAMPLE))
        self._drops_leaked = "leaked" in kinds
        self._held_out = _held_out_hashes(spool, held_out)
        self.pairs_in = dict.fromkeys(self._held_out, 0)

    def reasons(
        self, pairs: list[SentencePair], lengths: list[tuple[int, int]], parts: list[str | None]
    ) -> list[str | None]:
        """Why each pair is unfit, or None.

        Args:
            lengths: of source and target, in tokens.
            parts: what each is held out for, or None.
        """
        reasons = [self._by_length(pair, *tokens) for pair, tokens in zip(pairs, lengths, strict=True)]
        if not self._held_out:
            return reasons
        training = [place for place, reason in enumerate(reasons) if not (reason or parts[place])]
        hashes = cleaning.leak_hashes([pairs[place] for place in training])
        for part, part_hashes in self._held_out.items():
            leaked = cleaning.leaked(hashes, part_hashes)
            if not self._drops_leaked:
                self.pairs_in[part] += int(leaked.sum())
                continue
            for place in np.array(training, int)[leaked].tolist():
                reasons[place] = "leaked"
        return reasons

    def _by_length(self, pair: SentencePair, source_tokens: int, target_tokens: int) -> str | None:
        reason = cleaning.length_reason(source_tokens, target_tokens, self._most_tokens, self._most_ratio)
        if not reason and self._usual and self._usual.unusual(pair):
            return BY_CORPUS
        return reason


def _held_out_hashes(spool: Spool, held_out: dict[int, str]) -> dict[str, np.ndarray]:
    """For each part the `cleaning.evaluation_hashes` of its pairs."""
    pairs: dict[str, list[SentencePair]] = {part: [] for part in held_out.values()}
    for index, pair in enumerate(spool if held_out else ()):
        if index in held_out:
            pairs[held_out[index]].append(pair)
    return {part: cleaning.evaluation_hashes(part_pairs) for part, part_pairs in pairs.items()}


class TokenCounts:
    """What is counted of the stored sentences of a side.

    Attributes:
        uses: how often each token is used: int64 [V].
        lengths: how many sentences have each length: int64 [longest + 1].
    """

    def __init__(self, size: int):
        self.uses = np.zeros(size, np.int64)
        self.lengths = np.zeros(1, np.int64)

    def add(self, sentences: list[list[int]]) -> None:
        """Count some sentences."""
        flat = np.fromiter(chain.from_iterable(sentences), np.int64)
        self.uses += np.bincount(flat, minlength=len(self.uses))
        counted = np.bincount([len(sentence) for sentence in sentences], minlength=len(self.lengths))
        counted[: len(self.lengths)] += self.lengths
        self.lengths = counted


def percentiles(counts: np.ndarray) -> dict[str, int]:
    """The smallest lengths that so many percent of the sentences do not exceed.

    Args:
        counts: sentences by length: int [longest + 1].
    """
    cumulative = np.cumsum(counts)
    lengths = {
        str(percent): int(np.searchsorted(cumulative, cumulative[-1] * percent / 100))
        for percent in PERCENTILES
    }
    return {**lengths, "max": len(counts) - 1}

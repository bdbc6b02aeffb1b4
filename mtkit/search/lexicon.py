"""A lexical table: what each source token is translated by, from the word alignment model IBM 1 (Brown et al.
1993, section 4.1).

Shape letters: P pairs, C cells (a source and a target token of the same pair), Vs and Vt vocabularies, M
translations of a token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.arrays import load_arrays, save_arrays
from mtkit.data.store import TokenCorpus
from mtkit.search.shortlist import NO_TOKEN
from mtkit.text.special import END_ID
from mtkit.text.tokenizer import Tokenizer

ITERATIONS = 5
# Cells to learn from: about 500 bytes of memory for each ten of them.
MOST_CELLS = 8_000_000
# Translations of a source token that are kept, and tokens that every sentence may choose from.
MOST_TRANSLATIONS, MOST_COMMON = 100, 100


@dataclass(frozen=True)
class Lexicon:
    """What source tokens are translated by.

    Attributes:
        translations: int32 [Vs, M], likeliest first; NO_TOKEN fills up.
        always: int32 [A], what every sentence may choose from: END_ID, and the tokens that are common.
        same: int32 [Vs], the target token that has the same piece, for what stays as it is; or NO_TOKEN.
    """

    translations: np.ndarray
    always: np.ndarray
    same: np.ndarray

    def choices(self, source: Sequence[int], most: int, also: Sequence[int] = ()) -> np.ndarray:
        """Tokens that the translation of some source tokens may hold, with at most so many translations of
        each; and others.
        """
        distinct = np.unique(np.array(source, np.int64))
        found = np.concatenate(
            [self.translations[distinct, :most].ravel(), self.same[distinct], self.always, list(also)]
        )
        return np.unique(found[found != NO_TOKEN]).astype(np.int32)

    def save(self, path: Path) -> None:
        save_arrays(path, vars(self))

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """Read a lexicon. Raises CheckpointError where it is damaged."""
        return cls(**load_arrays(path)[0])


def learn(corpus: TokenCorpus, source: Tokenizer, target: Tokenizer) -> Lexicon:
    """The lexicon of a parallel text, or of an even sample of it if it is large."""
    cells = corpus.lengths["source"].astype(np.int64) * corpus.lengths["target"]
    every = max(1, -(-int(cells.sum()) // MOST_CELLS))
    rows = np.arange(0, len(corpus), every)
    sides = [corpus.sentences(side, rows) for side in ("source", "target")]
    counts = np.bincount(np.concatenate(sides[1]), minlength=target.size)
    common = np.argsort(-counts, kind="stable")[:MOST_COMMON]
    always = np.union1d(common[counts[common] > 0], [END_ID]).astype(np.int32)
    translations = ibm_1(*sides, source.size, target.size, always)
    by_piece = {piece: token for token, piece in enumerate(target.pieces(range(target.size)))}
    same = np.array([by_piece.get(piece, NO_TOKEN) for piece in source.pieces(range(source.size))], np.int32)
    return Lexicon(translations, always, same)


def ibm_1(
    sources: list[np.ndarray],
    targets: list[np.ndarray],
    source_size: int,
    target_size: int,
    left_out: Sequence[int] = (),
) -> np.ndarray:
    """The likeliest translations of each source token, int32 [Vs, M], by t(target | source) of IBM model 1,
    without its empty word.

    Args:
        sources, targets: P sentences each, int arrays of tokens.
        left_out: target tokens that the table does not name.
    """
    pairs = [
        (source.astype(np.int64), target)
        for source, target in zip(sources, targets, strict=True)
        if len(source)
    ]
    keys = [(target[:, None] + source * target_size).ravel() for source, target in pairs]
    # The cells of a target token, one with each source token of its sentence, are a group.
    groups = np.repeat([len(source) for source, _ in pairs], [len(target) for _, target in pairs])
    known, cell = np.unique(np.concatenate(keys), return_inverse=True)
    starts = np.cumsum(groups) - groups
    source_of = known // target_size
    probability = np.ones(len(known))
    for _ in range(ITERATIONS):
        share = probability[cell]
        share /= np.repeat(np.add.reduceat(share, starts), groups)
        counts = np.bincount(cell, share, len(known))
        probability = counts / np.bincount(source_of, counts, source_size)[source_of]
    named = ~np.isin(known % target_size, left_out)
    known, source_of, probability = known[named], source_of[named], probability[named]
    order = np.lexsort((-probability, source_of))
    first = np.searchsorted(source_of, np.arange(source_size))
    rank = np.arange(len(known)) - first[source_of]
    kept = order[rank < MOST_TRANSLATIONS]
    table = np.full((source_size, MOST_TRANSLATIONS), NO_TOKEN, np.int32)
    table[source_of[kept], rank[rank < MOST_TRANSLATIONS]] = known[kept] % target_size
    return table

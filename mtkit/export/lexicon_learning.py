"""A lexicon learned from parallel text, by the word alignment model IBM 1 (Brown et al. 1993, section 4.1).

Shape letters: P pairs, C cells (a source and a target token of the same pair), Vs and Vt vocabularies, M
translations of a token.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mtkit.data.store import TokenCorpus
from mtkit.search.lexicon import Lexicon
from mtkit.search.shortlist import NO_TOKEN
from mtkit.text.special import END_ID
from mtkit.text.tokenizer import Tokenizer

ITERATIONS = 5
# Cells to learn from: about 500 bytes of memory for each ten of them.
MOST_CELLS = 8_000_000
# Translations of a source token that are kept, and tokens that every sentence may choose from.
MOST_TRANSLATIONS, MOST_COMMON = 100, 100


def learn(corpus: TokenCorpus, source: Tokenizer, target: Tokenizer) -> Lexicon:
    """The lexicon of a parallel text, or of an even sample of it if it is large."""
    cells = corpus.lengths["source"].astype(np.int64) * corpus.lengths["target"]  # [P]
    stride = max(1, -(-int(cells.sum()) // MOST_CELLS))
    pairs = np.arange(0, len(corpus), stride)
    sources, targets = (corpus.sentences(side, pairs) for side in ("source", "target"))
    always = common_tokens(targets, target.size)
    return Lexicon(
        translations=ibm_1(sources, targets, source.size, target.size, always),
        always=always,
        same=equal_pieces(source, target),
    )


def common_tokens(sentences: list[np.ndarray], size: int) -> np.ndarray:
    """The most frequent tokens of a vocabulary of this size, and END_ID; ascending int32."""
    counts = np.bincount(np.concatenate(sentences), minlength=size)
    common = np.argsort(-counts, kind="stable")[:MOST_COMMON]
    return np.union1d(common[counts[common] > 0], [END_ID]).astype(np.int32)


def equal_pieces(source: Tokenizer, target: Tokenizer) -> np.ndarray:
    """The target token that is spelled as each source token, int32 [Vs]; NO_TOKEN where there is none."""
    token_of = {piece: token for token, piece in enumerate(target.pieces(range(target.size)))}
    return np.array([token_of.get(piece, NO_TOKEN) for piece in source.pieces(range(source.size))], np.int32)


def ibm_1(
    sources: list[np.ndarray],
    targets: list[np.ndarray],
    source_size: int,
    target_size: int,
    left_out: Sequence[int] = (),
) -> np.ndarray:
    """The likeliest translations of each source token, int32 [Vs, M].

    Args:
        sources, targets: P sentences each, int arrays of tokens.
        left_out: target tokens that the table does not name.
    """
    known = probabilities(sources, targets, source_size, target_size)
    named = ~np.isin(known.targets, left_out)
    source_of, target_of = known.sources[named], known.targets[named]
    order = np.lexsort((-known.values[named], source_of))
    first = np.searchsorted(source_of, np.arange(source_size))
    rank = np.arange(len(source_of)) - first[source_of]
    kept, ranks = order[rank < MOST_TRANSLATIONS], rank[rank < MOST_TRANSLATIONS]
    table = np.full((source_size, MOST_TRANSLATIONS), NO_TOKEN, np.int32)
    table[source_of[kept], ranks] = target_of[kept]
    return table


class Probabilities(NamedTuple):
    """t(target | source), of the pairs of tokens that came together, in ascending order.

    Attributes:
        sources, targets: int64 [pairs].
        values: float64 [pairs].
    """

    sources: np.ndarray
    targets: np.ndarray
    values: np.ndarray


def probabilities(
    sources: list[np.ndarray], targets: list[np.ndarray], source_size: int, target_size: int
) -> Probabilities:
    """t(target | source) of IBM model 1, without its empty word."""
    keys, group_sizes = [], []
    for source, target in zip(sources, targets, strict=True):
        if len(source):
            # [target, source]: the cells of a target token, one with each source token, are a group.
            keys.append((target[:, None] + source.astype(np.int64) * target_size).ravel())
            group_sizes.append(np.full(len(target), len(source)))
    groups = np.concatenate(group_sizes)
    known, cell = np.unique(np.concatenate(keys), return_inverse=True)  # cell [C]
    starts = np.cumsum(groups) - groups
    source_of = known // target_size
    values = np.ones(len(known))
    for _ in range(ITERATIONS):
        share = values[cell]
        share /= np.repeat(np.add.reduceat(share, starts), groups)
        counts = np.bincount(cell, share, len(known))
        values = counts / np.bincount(source_of, counts, source_size)[source_of]
    return Probabilities(source_of, known % target_size, values)

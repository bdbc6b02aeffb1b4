"""What is counted in the stored training text for whoever splits texts into sentences later."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mtkit.arrays import save_arrays
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.text.counted_lines import BOLDNESS, LineCounts
from mtkit.text.lengths import Lengths
from mtkit.text.line_ends import LineEnds
from mtkit.text.seams import inner_line, inner_tokens
from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.text.tokenizer import Tokenizer

# In the folder of the vocabulary.
LINE_COUNTS = "line_counts.safetensors"
# Lines, evenly spread, that tell what lines are like, and tokens of them.
MOST_LINES, MOST_TOKENS = 200_000, 3_000_000
# Of those so many are tried: no more than this share may be cut where no mark ends a sentence.
MOST_TRIED, MOST_CUT = 2000, 0.01
LEAST_BOLDNESS = -8.0
# Fewer lines tell nothing of that.
LEAST_LINES = 100


def write_line_counts(corpus: TokenCorpus, tokenizer: Tokenizer, language: str, vocab: Path) -> None:
    """Count how the source lines of a corpus begin, go on and end, as they would within a longer text.

    Args:
        language: of the source.
        vocab: the folder to write to.
    """
    inner = inner_tokens(tokenizer, language)
    lines = [inner_line(ids, inner) for ids in corpus.sentences("source", sampled_rows(corpus))]
    lines = [ids for ids in lines if len(ids)]
    boldness = fitting_boldness(lines, tokenizer)
    counts = replace(counts_of(lines, tokenizer), boldness=np.array([boldness], np.float32))
    save_arrays(vocab / LINE_COUNTS, counts.arrays())


def fitting_boldness(lines: Sequence[np.ndarray], tokenizer: Tokenizer) -> float:
    """How readily lines of this text are cut such that few of them are, which are not to be.

    Some lines are left out of the counts for it.
    """
    boldness = BOLDNESS
    if len(lines) < LEAST_LINES:
        return boldness
    every = max(2, -(-len(lines) // MOST_TRIED))
    tried = tokenizer.decode(lines[::every])
    counts = counts_of([ids for number, ids in enumerate(lines) if number % every], tokenizer)
    line_ends = LineEnds(counts, tokenizer)
    by_marks = sentences_of(SentenceSplitter(tokenizer), tried)
    while boldness > LEAST_BOLDNESS:
        as_told = sentences_of(SentenceSplitter(tokenizer, line_ends.with_boldness(boldness)), tried)
        if np.count_nonzero(as_told > by_marks) <= MOST_CUT * len(tried):
            break
        boldness -= 0.5
    return boldness


def sentences_of(splitter: SentenceSplitter, texts: Sequence[str]) -> np.ndarray:
    """How many sentences each text is split into: int [texts]."""
    return np.array([len(split.texts) for split in splitter.split(texts)])


def counts_of(lines: Sequence[np.ndarray], tokenizer: Tokenizer) -> LineCounts:
    """What is counted in lines of tokens, none of which is empty."""
    offsets = np.cumsum([0, *map(len, lines)])
    return LineCounts.of(np.concatenate([np.zeros(0, np.int64), *lines]), offsets, tokenizer)


def usual_lengths(corpus: TokenCorpus) -> Lengths:
    """How the lengths of targets go with those of their sources, in tokens."""
    rows = sampled_rows(corpus)
    source, target = (corpus.lengths[side][rows] for side in SIDES)
    are_texts = (source > 0) & (target > 0)
    return Lengths.of_counts(source[are_texts], target[are_texts])


def sampled_rows(corpus: TokenCorpus) -> np.ndarray:
    """At most `MOST_LINES` pairs with about `MOST_TOKENS` source tokens, evenly spread: int64 [rows]."""
    share = min(1.0, MOST_TOKENS / max(1, corpus.tokens["source"]))
    count = min(int(len(corpus) * share), MOST_LINES)
    return np.arange(count) * len(corpus) // max(1, count)

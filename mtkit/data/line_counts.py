"""What is counted in the stored training text for whoever splits texts into sentences later."""

from pathlib import Path

import numpy as np

from mtkit.arrays import save_arrays
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.text.lengths import Lengths
from mtkit.text.line_ends import LineCounts
from mtkit.text.seams import inner_line, inner_tokens
from mtkit.text.tokenizer import Tokenizer

# In the folder of the vocabulary.
LINE_COUNTS = "line_counts.safetensors"
# Lines, evenly spread, that tell what lines are like.
MOST_LINES = 200_000


def write_line_counts(corpus: TokenCorpus, tokenizer: Tokenizer, language: str, vocab: Path) -> None:
    """Count how the source lines of a corpus begin, go on and end, as they would within a longer text.

    Args:
        language: of the source.
        vocab: the folder to write to.
    """
    inner = inner_tokens(tokenizer, language)
    lines = [inner_line(ids, inner) for ids in corpus.sentences("source", sampled_rows(corpus))]
    lines = [ids for ids in lines if len(ids)]
    offsets = np.cumsum([0, *map(len, lines)])
    ids = np.concatenate(lines) if lines else np.zeros(0, np.int64)
    save_arrays(vocab / LINE_COUNTS, LineCounts.of(ids, offsets, tokenizer).arrays())


def usual_lengths(corpus: TokenCorpus) -> Lengths:
    """How the lengths of targets go with those of their sources, in tokens."""
    rows = sampled_rows(corpus)
    source, target = (corpus.lengths[side][rows] for side in SIDES)
    are_texts = (source > 0) & (target > 0)
    return Lengths.of_counts(source[are_texts], target[are_texts])


def sampled_rows(corpus: TokenCorpus) -> np.ndarray:
    """At most `MOST_LINES` pairs, evenly spread: int64 [rows]."""
    count = min(len(corpus), MOST_LINES)
    return np.arange(count) * len(corpus) // max(1, count)

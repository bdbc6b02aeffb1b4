"""Shapes for a compiler that makes a program for each, JAX's: arrays are filled up, so that few shapes occur.

A program takes seconds to compile, and the lengths of sentences make hundreds of shapes.
"""

import numpy as np

# Sizes keep so many leading binary digits: rows grow by a quarter at most, positions by a half.
ROW_DIGITS, POSITION_DIGITS = 3, 2
# Those of the rows of a search change at each step: a power of two.
SEARCH_DIGITS = 1


def rounded(size: int, digits: int = ROW_DIGITS) -> int:
    """The next size that occurs: 1 to 8, 10, 12, 14, 16, 20 ...; with two digits 1, 2, 3, 4, 6, 8, 12 ..."""
    step = 1 << max(0, (size - 1).bit_length() - digits)
    return -(-size // step) * step


def padded(array: np.ndarray, positions: int = 0, row_digits: int = ROW_DIGITS) -> np.ndarray:
    """An array of ids with a shape that occurs; zeros, PAD_ID, stand in what is added.

    Args:
        array: [rows] or [rows, positions].
        positions: that there must be room for.
    """
    sizes = [
        rounded(array.shape[0], row_digits),
        *(rounded(max(size, positions), POSITION_DIGITS) for size in array.shape[1:]),
    ]
    return np.pad(array, [(0, size - present) for size, present in zip(sizes, array.shape, strict=True)])


def forget_many(most: int, *compiled) -> None:
    """Have functions compiled by JAX forget their programs, where those are more than so many.

    A program is code in memory, and a process has room for a few dozen large ones: the training step of a
    small Transformer takes 880 of the 65,530 parts that Linux maps for a process by default.
    """
    if sum(function._cache_size() for function in compiled) > most:
        for function in compiled:
            function.clear_cache()

"""Few shapes for a compiler that compiles each of them."""

import numpy as np
import pytest

from mtkit.model.shapes import POSITION_DIGITS, forget_many, padded, rounded


def test_sizes_that_occur():
    assert [rounded(size) for size in range(1, 18)] == [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        10,
        10,
        12,
        12,
        14,
        14,
        16,
        16,
        20,
    ]
    assert [rounded(size, POSITION_DIGITS) for size in range(1, 18)] == [
        1,
        2,
        3,
        4,
        6,
        6,
        8,
        8,
        12,
        12,
        12,
        12,
        16,
        16,
        16,
        16,
        24,
    ]
    for size in range(1, 3000):
        assert size <= rounded(size) < 1.25 * size + 1 and rounded(rounded(size)) == rounded(size)
    assert len({rounded(size) for size in range(1, 257)}) == 28


def test_what_is_added_is_padding():
    assert padded(np.array([5, 6, 7, 8, 9, 4, 4, 4, 4])).tolist() == [5, 6, 7, 8, 9, 4, 4, 4, 4, 0]
    assert padded(np.full((2, 5), 7), 3).tolist() == [[7, 7, 7, 7, 7, 0]] * 2
    assert padded(np.ones((9, 2), np.int32), 7).shape == (10, 8)


def test_programs_are_forgotten_where_they_are_many():
    jax = pytest.importorskip("jax")
    one, other = jax.jit(lambda x: x + 1), jax.jit(lambda x: x + 2)
    for size in range(1, 5):
        one(np.ones(size)), other(np.ones(size))
    forget_many(8, one, other)
    assert one._cache_size() == other._cache_size() == 4
    forget_many(7, one, other)
    assert one._cache_size() == other._cache_size() == 0
    assert one(np.ones(2)).tolist() == [2, 2]

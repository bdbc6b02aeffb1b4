"""Seeded choices that come out the same on every Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """A seeded source of choices.

    Only `random.Random.random` is used: Python promises the same sequence from it for the same seed in every
    version, which it does not promise for `choice`, `sample` or `shuffle`.
    """

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 to `limit - 1`."""
        return int(self._random.random() * limit)

    def chance(self, percent: int) -> bool:
        """Say yes `percent` times in a hundred."""
        return self.below(100) < percent

    def pick(self, items: Sequence[Item]) -> Item:
        """Draw one of `items`, each equally likely."""
        return items[self.below(len(items))]

    def weighted(self, table: Sequence[tuple[int, Item]]) -> Item:
        """Draw one item of a table of (whole-number weight, item)."""
        roll = self.below(sum(weight for weight, _ in table))
        for weight, item in table:
            if roll < weight:
                return item
            roll -= weight
        raise ValueError("Expected a table with positive weights.")

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in a drawn order (Fisher-Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

"""Several models that translate together: the next token is chosen by the mean of their probabilities."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mtkit.decoding.engines import Functions


class Owned(NamedTuple):
    """An array of one of the members."""

    member: int
    array: Any


class Ensemble:
    """See `engines.Functions`.

    Args:
        members: with one and the same vocabulary.
    """

    def __init__(self, members: Sequence[Functions]):
        self.members = tuple(members)
        self.size = members[0].size
        self.attends = all(member.attends for member in members)

    def start(self, source: np.ndarray) -> tuple[list[Owned], list[Owned]]:
        memories, states = [], []
        for number, member in enumerate(self.members):
            memory, state = member.start(source)
            memories += [Owned(number, array) for array in memory]
            states += [Owned(number, array) for array in state]
        return memories, states

    def step(self, memory: list[Owned], state: list[Owned], tokens: np.ndarray, count: int, bias: np.ndarray):
        none = np.zeros((1, self.size), np.float32)
        total = np.full((len(tokens), self.size), -np.inf)
        maps, states = [], []
        for number, member in enumerate(self.members):
            mine = ([one.array for one in arrays if one.member == number] for arrays in (memory, state))
            scores, ids, attention, after = member.step(*mine, tokens, self.size, none)
            by_token = np.empty((len(tokens), self.size))
            np.put_along_axis(by_token, ids.astype(np.int64), scores, axis=1)
            total = np.logaddexp(total, by_token)
            maps.append(attention)
            states += [Owned(number, array) for array in after]
        total = (total - np.log(len(self.members)) + bias).astype(np.float32)
        best = np.argpartition(-total, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(total, best, axis=1), axis=1, kind="stable")
        ids = np.take_along_axis(best, order, axis=1)
        attention = np.mean(maps, axis=0) if self.attends else None
        return np.take_along_axis(total, ids, axis=1), ids.astype(np.int32), attention, states

    def take(self, array: Owned, rows: np.ndarray) -> Owned:
        return Owned(array.member, self.members[array.member].take(array.array, rows))

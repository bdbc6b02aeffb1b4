"""Several models that translate together: the next token is chosen by the mean of their probabilities."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mtkit.engines.functions import Functions


class Owned(NamedTuple):
    """An array of one of the members."""

    member: int
    array: Any


class Ensemble:
    """See `engine.Functions`.

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

    def step(self, memory: list[Owned], state: list[Owned], tokens: np.ndarray):
        readouts, maps, states = [], [], []
        for number, member in enumerate(self.members):
            mine = ([one.array for one in arrays if one.member == number] for arrays in (memory, state))
            readout, attention, after = member.step(*mine, tokens)
            readouts.append(readout)
            maps.append(attention)
            states += [Owned(number, array) for array in after]
        return readouts, np.mean(maps, axis=0) if self.attends else None, states

    def best(self, readouts: list, count: int):
        found = [
            member.best(readout, self.size) for member, readout in zip(self.members, readouts, strict=True)
        ]
        return best_together(found, self.size, count, np.zeros((1, 1), np.float32))

    def output(self, ids: np.ndarray | None = None) -> list:
        return [member.output(ids) for member in self.members]

    def best_of(self, readouts: list, count: int, output: list, mask: np.ndarray, bias: np.ndarray):
        size, none = bias.shape[1], np.zeros((1, bias.shape[1]), np.float32)
        members = zip(self.members, readouts, output, strict=True)
        found = [member.best_of(readout, size, own, mask, none) for member, readout, own in members]
        return best_together(found, size, count, bias)

    def judge(self, readouts: list, output: list, tokens: np.ndarray):
        members = zip(self.members, readouts, output, strict=True)
        scores, entropies = zip(
            *(member.judge(readout, own, tokens) for member, readout, own in members), strict=True
        )
        return np.logaddexp.reduce(scores) - np.log(len(self.members)), np.mean(entropies, axis=0)

    def take(self, array: Owned | list, rows: np.ndarray) -> Owned | list:
        if isinstance(array, list):  # readouts
            return [member.take(one, rows) for member, one in zip(self.members, array, strict=True)]
        return Owned(array.member, self.members[array.member].take(array.array, rows))

    def move(self, array: Owned, rows: np.ndarray, places: np.ndarray, size: int) -> Owned:
        return Owned(array.member, self.members[array.member].move(array.array, rows, places, size))


def best_together(found: list[tuple[np.ndarray, np.ndarray]], size: int, count: int, bias: np.ndarray):
    """The best by the mean of the members' probabilities, from what each gives for all tokens (see
    `engine.Functions`).
    """
    total = np.full((len(found[0][0]), size), -np.inf)
    for scores, ids in found:
        by_token = np.empty(total.shape)
        np.put_along_axis(by_token, ids.astype(np.int64), scores, axis=1)
        total = np.logaddexp(total, by_token)
    total = (total - np.log(len(found)) + bias).astype(np.float32)
    best = np.argpartition(-total, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(total, best, axis=1), axis=1, kind="stable")
    ids = np.take_along_axis(best, order, axis=1)
    return np.take_along_axis(total, ids, axis=1), ids.astype(np.int32)

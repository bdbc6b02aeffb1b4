"""Several models that translate together: the next token is chosen by the mean of their probabilities."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mtkit.engines.functions import Functions


class MemberArray(NamedTuple):
    """An array of one of the members, by its number."""

    member: int
    array: Any


class Ensemble:
    """See `functions.Functions`. A readout is a list, with that of each member.

    Args:
        members: with one and the same vocabulary.
    """

    def __init__(self, members: Sequence[Functions]):
        self.members = tuple(members)
        self.size = members[0].size
        self.attends = all(member.attends for member in members)

    def start(self, source: np.ndarray) -> tuple[list[MemberArray], list[MemberArray]]:
        memories, states = [], []
        for number, member in enumerate(self.members):
            memory, state = member.start(source)
            memories += [MemberArray(number, array) for array in memory]
            states += [MemberArray(number, array) for array in state]
        return memories, states

    def step(self, memory: list[MemberArray], state: list[MemberArray], tokens: np.ndarray):
        readouts, maps, states = [], [], []
        for number, member in enumerate(self.members):
            readout, attention, new_state = member.step(
                arrays_of(memory, number), arrays_of(state, number), tokens
            )
            readouts.append(readout)
            maps.append(attention)
            states += [MemberArray(number, array) for array in new_state]
        return readouts, np.mean(maps, axis=0) if self.attends else None, states

    def best(self, readouts: list, count: int):
        members = zip(self.members, readouts, strict=True)
        results = [member.best(readout, self.size) for member, readout in members]
        return best_together(results, self.size, count, np.zeros((1, 1), np.float32))

    def output(self, ids: np.ndarray | None = None) -> list:
        return [member.output(ids) for member in self.members]

    def best_of(self, readouts: list, count: int, output: list, mask: np.ndarray, bias: np.ndarray):
        size = bias.shape[1]
        no_bias = np.zeros((1, size), np.float32)
        members = zip(self.members, readouts, output, strict=True)
        results = [member.best_of(readout, size, layer, mask, no_bias) for member, readout, layer in members]
        return best_together(results, size, count, bias)

    def judge(self, readouts: list, output: list, tokens: np.ndarray):
        members = zip(self.members, readouts, output, strict=True)
        results = [member.judge(readout, layer, tokens) for member, readout, layer in members]
        scores, entropies = zip(*results, strict=True)
        return np.logaddexp.reduce(scores) - np.log(len(self.members)), np.mean(entropies, axis=0)

    def take(self, array: MemberArray | list, rows: np.ndarray) -> MemberArray | list:
        if isinstance(array, list):  # readouts
            return [member.take(readout, rows) for member, readout in zip(self.members, array, strict=True)]
        return MemberArray(array.member, self.members[array.member].take(array.array, rows))

    def move(self, array: MemberArray, rows: np.ndarray, places: np.ndarray, size: int) -> MemberArray:
        return MemberArray(array.member, self.members[array.member].move(array.array, rows, places, size))


def arrays_of(arrays: list[MemberArray], number: int) -> list:
    """The arrays of the member with this number."""
    return [member_array.array for member_array in arrays if member_array.member == number]


def best_together(
    results: list[tuple[np.ndarray, np.ndarray]], size: int, count: int, bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The best tokens by the mean of the members' probabilities.

    Args:
        results: (scores float32, ids int32), each [N, L], of all L tokens, from each member.
        size: L.
        bias: float32 [N, L], [1, L] or [1, 1], added to the mean's log-probabilities.

    Returns:
        (the k = count largest sums float32 [N, k], best first; their ids int32 [N, k]).
    """
    total = np.full((len(results[0][0]), size), -np.inf)  # [N, L]
    for scores, ids in results:
        by_token = np.empty(total.shape)
        np.put_along_axis(by_token, ids.astype(np.int64), scores, axis=1)
        total = np.logaddexp(total, by_token)
    total = (total - np.log(len(results)) + bias).astype(np.float32)
    best = np.argpartition(-total, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(total, best, axis=1), axis=1, kind="stable")
    ids = np.take_along_axis(best, order, axis=1)
    return np.take_along_axis(total, ids, axis=1), ids.astype(np.int32)

"""The functions of an engine, by the Keras model itself, compiled by JAX.

JAX compiles for each shape, and both the rows of a search and the keys and values of a Transformer change
theirs at each step. So rows are filled up to a size that occurs often (see model/shapes.py), and what grows
has room in front, which attention leaves out.
"""

from operator import getitem
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

from mtkit.engines.keras_functions import KerasFunctions
from mtkit.model.base import TranslationModel
from mtkit.model.shapes import SEARCH_DIGITS, forget_many, padded, rounded
from mtkit.model.weights import named_weights
from mtkit.search.shortlist import NO_TOKEN, OUT, filled_up

# Programs that are kept of those that encode or take a step, and of smaller ones.
MOST_PROGRAMS, MOST_SMALL_PROGRAMS = 80, 400
# Tokens of a translation that there is room for at first.
ROOM = 16


class PaddedArray(NamedTuple):
    """An array that is larger than what it holds.

    Attributes:
        rows: how many count.
        extent: of a memory, the source positions that count; of a state that grows, the tokens in it; else
            None.
    """

    array: Any
    rows: int
    extent: int | None = None


class JaxFunctions(KerasFunctions):
    """See `KerasFunctions`. Its arrays of the backend are instances of `PaddedArray`."""

    def __init__(self, model: TranslationModel):
        super().__init__(model)
        self._variables = list(named_weights(model).values())
        self._start = jax.jit(self._pure_start)
        self._step = jax.jit(self._pure_step)
        self._best = jax.jit(self._pure_best, static_argnums=2)
        self._best_of = jax.jit(best_of, static_argnums=1)
        self._judge = jax.jit(judge)
        self._small = [self._best, self._best_of, self._judge]
        if jax.default_backend() == "cpu":
            # numpy has the arrays as they are, and needs no program for each pair of shapes.
            self._take = rows_by_numpy
        else:
            self._take = jax.jit(getitem)
            self._small.append(self._take)

    def start(self, source):
        forget_many(MOST_PROGRAMS, self._start, self._step)
        forget_many(MOST_SMALL_PROGRAMS, *self._small)
        rows, positions = source.shape
        memory, state = self._start(self._weights(), in_search(source))
        padded_memory = [PaddedArray(array, rows, positions) for array in memory]
        return padded_memory, [first_state(array, rows) for array in state]

    def step(self, memory, state, tokens):
        rows, length = len(tokens), state[0].extent
        arrays, room = [padded_array.array for padded_array in state], None
        if length is not None:
            room = arrays[0].shape[-2] - length
            if not room:
                room = length
                arrays = [with_room(array, room) for array in arrays]
            length += 1
        memory_arrays = [padded_array.array for padded_array in memory]
        readout, attention, arrays = self._step(
            self._weights(), memory_arrays, arrays, in_search(tokens), room
        )
        if attention is not None:
            attention = np.array(attention[:rows, : memory[0].extent])
        return PaddedArray(readout, rows), attention, [PaddedArray(array, rows, length) for array in arrays]

    def best(self, readout, count):
        return counting(readout, self._best(self._weights(), readout.array, count))

    def output(self, ids=None):
        ids = filled_up(np.arange(self.size)) if ids is None else ids
        ids = np.pad(ids, (0, rounded(len(ids)) - len(ids)), constant_values=NO_TOKEN)
        weights = self.model.output_matrix, self.model.output_bias
        matrix, bias = (jnp.asarray(weight.value)[np.maximum(ids, 0)] for weight in weights)
        return [matrix.T, bias + np.where(ids == NO_TOKEN, OUT, 0.0).astype(np.float32)]

    def best_of(self, readout, count, output, mask, bias):
        width = len(output[1])
        mask = filled_out(mask, width, filler=0.0)
        bias = filled_out(bias, width, filler=-np.inf)
        return counting(readout, self._best_of(readout.array, count, *output, mask, bias))

    def judge(self, readout, output, tokens):
        return counting(readout, self._judge(readout.array, *output, in_search(tokens)))

    def take(self, array, rows):
        return PaddedArray(self._take(array.array, in_search(rows)), len(rows), array.extent)

    # What is compiled takes the weights as arrays, since it would keep those that it first saw.

    def _weights(self) -> list:
        return [variable.value for variable in self._variables]

    def _with(self, weights: list) -> keras.StatelessScope:
        return keras.StatelessScope(state_mapping=list(zip(self._variables, weights, strict=True)))

    def _pure_start(self, weights, source):
        with self._with(weights):
            return self._begin(source)

    def _pure_step(self, weights, memory, state, tokens, room):
        with self._with(weights):
            readout, attention, state = self._advance(memory, state, tokens, room)
        if room is not None:
            state = [array[..., 1:, :] for array in state]
        return readout, attention, state

    def _pure_best(self, weights, readout, count):
        with self._with(weights):
            return jax.lax.top_k(ops.log_softmax(self.model.logits(readout)), count)


def in_search(array: np.ndarray) -> np.ndarray:
    """An array of ids with as many rows as occur in a search."""
    return padded(array, row_digits=SEARCH_DIGITS)


def rows_by_numpy(array, rows) -> np.ndarray:
    """Rows int [M] of an array."""
    return np.asarray(array)[rows]


def best_of(readout, count, matrix, shift, mask, bias):
    """See `Functions.best_of`; `matrix` [E, L] and `shift` [L] are the output layer."""
    return jax.lax.top_k(jax.nn.log_softmax(readout @ matrix + shift + mask) + bias, count)


def judge(readout, matrix, shift, tokens):
    """See `Functions.judge`; `matrix` [E, L] and `shift` [L] are the output layer."""
    scores = jax.nn.log_softmax(readout @ matrix + shift)
    return jnp.take_along_axis(scores, tokens[:, None], axis=1)[:, 0], -(jnp.exp(scores) * scores).sum(axis=1)


def first_state(array, rows: int) -> PaddedArray:
    """A state as it is at the start; one that grows has its last axis but one empty, and gets room."""
    if array.ndim > 2 and array.shape[-2] == 0:
        return PaddedArray(with_room(array, ROOM), rows, 0)
    return PaddedArray(array, rows)


def with_room(array, room: int):
    """A state that grows with so many cells in front that hold nothing."""
    return jnp.pad(array, [(0, 0)] * (array.ndim - 2) + [(room, 0), (0, 0)])


def counting(readout: PaddedArray, arrays) -> tuple[np.ndarray, ...]:
    """Results for a readout, of the rows that count."""
    return tuple(np.array(array[: readout.rows]) for array in arrays)


def filled_out(added: np.ndarray, width: int, filler: float) -> np.ndarray:
    """What is added to scores, with a row for each that occurs in a search, and so many columns.

    Args:
        added: float32 [N or 1, L or 1]; an axis of 1 stands for all alike, and stays.
        filler: the value of new cells.
    """
    rows, columns = added.shape
    new_rows = 0 if rows == 1 else rounded(rows, SEARCH_DIGITS) - rows
    new_columns = 0 if columns == 1 else width - columns
    return np.pad(added, [(0, new_rows), (0, new_columns)], constant_values=filler)

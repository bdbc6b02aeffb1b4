"""The functions of an engine, by the Keras model itself, compiled by JAX.

JAX compiles for each shape, and both the rows of a search and the keys and values of a Transformer change
theirs at each step. So rows are filled up to a size that occurs often (see model/shapes.py), and what grows
has room in front, which attention leaves out.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

from mtkit.engines.keras_functions import KerasFunctions
from mtkit.model.base import TranslationModel
from mtkit.model.shapes import SEARCH_DIGITS, forget_many, padded, rounded
from mtkit.search.shortlist import NO_TOKEN, OUT, filled_up

# Programs that are kept of those that encode or take a step, and of smaller ones.
MOST_PROGRAMS, MOST_SMALL_PROGRAMS = 80, 400
# Tokens of a translation that there is room for at first.
ROOM = 16


class Filled(NamedTuple):
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
    """See `KerasFunctions`."""

    def __init__(self, model: TranslationModel):
        super().__init__(model)
        self._variables = [variable for variable in model.weights if variable is not model.dropout_seed.state]
        self._start, self._step = jax.jit(self._pure_start), jax.jit(self._pure_step)
        self._best, self._best_of = (
            jax.jit(self._pure_best, static_argnums=2),
            jax.jit(best_of, static_argnums=1),
        )
        self._judge = jax.jit(judge)
        # On a processor numpy has the arrays as they are, and needs no program for each pair of shapes.
        on_processor = jax.default_backend() == "cpu"
        self._take = rows_of_array if on_processor else jax.jit(rows_of)
        self._small = (self._best, self._best_of, self._judge, *(() if on_processor else (self._take,)))

    def start(self, source):
        forget_many(MOST_PROGRAMS, self._start, self._step)
        forget_many(MOST_SMALL_PROGRAMS, *self._small)
        rows, positions = source.shape
        memory, state = self._start(self._weights(), in_search(source))
        first = [
            Filled(with_room(array, ROOM), rows, 0) if grows(array) else Filled(array, rows)
            for array in state
        ]
        return [Filled(array, rows, positions) for array in memory], first

    def step(self, memory, state, tokens):
        rows, length = len(tokens), state[0].extent
        arrays, room = [one.array for one in state], None
        if length is not None:
            room = arrays[0].shape[-2] - length
            if not room:
                room = length
                arrays = [with_room(array, room) for array in arrays]
            length += 1
        readout, attention, arrays = self._step(
            self._weights(), [one.array for one in memory], arrays, in_search(tokens), room
        )
        attention = None if attention is None else np.array(attention[:rows, : memory[0].extent])
        return Filled(readout, rows), attention, [Filled(array, rows, length) for array in arrays]

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
        mask, bias = every_row(mask, width, 0.0), every_row(bias, width, -np.inf)
        return counting(readout, self._best_of(readout.array, count, *output, mask, bias))

    def judge(self, readout, output, tokens):
        return counting(readout, self._judge(readout.array, *output, in_search(tokens)))

    def take(self, array, rows):
        return Filled(self._take(array.array, in_search(rows)), len(rows), array.extent)

    # What is compiled takes the weights as arrays, since it would keep those that it first saw.

    def _weights(self) -> list:
        return [variable.value for variable in self._variables]

    def _with(self, weights: list) -> keras.StatelessScope:
        return keras.StatelessScope(state_mapping=list(zip(self._variables, weights, strict=True)))

    def _pure_start(self, weights, source):
        with self._with(weights):
            return self._begin(source)

    def _pure_step(self, weights, memory, state, tokens, room):
        more = {} if room is None else {"room": room}
        with self._with(weights):
            readout, attention, state = self._advance(memory, state, tokens, **more)
        return readout, attention, [array[..., 1:, :] if more else array for array in state]

    def _pure_best(self, weights, readout, count):
        with self._with(weights):
            return jax.lax.top_k(ops.log_softmax(self.model.logits(readout)), count)


def in_search(array: np.ndarray) -> np.ndarray:
    """An array of ids with as many rows as occur in a search."""
    return padded(array, row_digits=SEARCH_DIGITS)


def rows_of(array, rows):
    return array[rows]


def rows_of_array(array, rows) -> np.ndarray:
    return np.asarray(array)[rows]


def best_of(readout, count, matrix, shift, mask, bias):
    return jax.lax.top_k(jax.nn.log_softmax(readout @ matrix + shift + mask) + bias, count)


def judge(readout, matrix, shift, tokens):
    scores = jax.nn.log_softmax(readout @ matrix + shift)
    return jnp.take_along_axis(scores, tokens[:, None], axis=1)[:, 0], -(jnp.exp(scores) * scores).sum(axis=1)


def grows(array) -> bool:
    """Whether a state is one that grows: its last axis but one is empty at the start."""
    return array.ndim > 2 and array.shape[-2] == 0


def with_room(array, room: int):
    """A state that grows with so many cells in front that hold nothing."""
    return jnp.pad(array, [(0, 0)] * (array.ndim - 2) + [(room, 0), (0, 0)])


def counting(readout: Filled, arrays) -> tuple[np.ndarray, ...]:
    """The rows that count of what was found for a readout."""
    return tuple(np.array(array[: readout.rows]) for array in arrays)


def every_row(added: np.ndarray, width: int, beyond: float) -> np.ndarray:
    """What is added to the scores of rows, or of all alike, for rows and columns filled up, these with a
    value.
    """
    rows, columns = added.shape
    more = 0 if rows == 1 else rounded(rows, SEARCH_DIGITS) - rows
    return np.pad(added, [(0, more), (0, 0 if columns == 1 else width - columns)], constant_values=beyond)

"""The functions of an engine, by the Keras model itself, compiled by JAX.

JAX compiles for each shape, and both the rows of a search and the keys and values of a Transformer change theirs at each step. So
rows are filled up to a size that occurs often (see model/shapes.py), and what grows has room in front, which attention leaves out.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

from mtkit.model.base import TranslationModel
from mtkit.model.shapes import forget_many, padded, rounded
from mtkit.search.shortlist import NO_TOKEN, OUT, filled_up

# Programs that are kept of those that encode or take a step.
MOST_PROGRAMS = 80
# Tokens of a translation that there is room for at first.
ROOM = 16


class Filled(NamedTuple):
    """An array that is larger than what it holds.

    Attributes:
        rows: how many count.
        extent: of a memory, the source positions that count; of a state that grows, the tokens in it; else None.
    """

    array: Any
    rows: int
    extent: int | None = None


class JaxFunctions:
    """See `engine.Functions`; the weights may change between two searches.

    Attributes:
        size: of the target vocabulary.
        attends: whether it has attention.
    """

    def __init__(self, model: TranslationModel):
        self.model = model
        self.size = model.output_matrix.shape[0]
        self.attends = model.attends
        self._variables = [variable for variable in model.weights if variable is not model.dropout_seed.state]
        self._fields: list[str] = []
        self._start, self._step, self._take = jax.jit(self._pure_start), jax.jit(self._pure_step), jax.jit(rows_of)
        self._best, self._best_of = jax.jit(self._pure_best, static_argnums=2), jax.jit(best_of, static_argnums=1)
        self._judge = jax.jit(judge)

    def start(self, source):
        forget_many(MOST_PROGRAMS, self._start, self._step)
        rows, positions = source.shape
        memory, state = self._start(self._weights(), padded(source))
        first = [Filled(with_room(array, ROOM), rows, 0) if grows(array) else Filled(array, rows) for array in state]
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
        readout, attention, arrays = self._step(self._weights(), [one.array for one in memory], arrays, padded(tokens), room)
        attention = None if attention is None else np.array(attention[:rows, : memory[0].extent])
        return Filled(readout, rows), attention, [Filled(array, rows, length) for array in arrays]

    def best(self, readout, count):
        return counting(readout, self._best(self._weights(), readout.array, count))

    def output(self, ids=None):
        ids = filled_up(np.arange(self.size)) if ids is None else ids
        weights = self.model.output_matrix, self.model.output_bias
        matrix, bias = (jnp.asarray(weight.value)[np.maximum(ids, 0)] for weight in weights)
        return [matrix.T, bias + np.where(ids == NO_TOKEN, OUT, 0.0).astype(np.float32)]

    def best_of(self, readout, count, output, mask, bias):
        return counting(readout, self._best_of(readout.array, count, *output, every_row(mask), every_row(bias)))

    def judge(self, readout, output, tokens):
        return counting(readout, self._judge(readout.array, *output, padded(tokens)))

    def take(self, array, rows):
        return Filled(self._take(array.array, padded(rows)), len(rows), array.extent)

    def move(self, array, rows, places, size):
        order = np.arange(size)
        order[places] = rows
        return self.take(array, order)

    # What is compiled takes the weights as arrays, since it would keep those that it first saw.

    def _weights(self) -> list:
        return [variable.value for variable in self._variables]

    def _with(self, weights: list) -> keras.StatelessScope:
        return keras.StatelessScope(state_mapping=list(zip(self._variables, weights, strict=True)))

    def _pure_start(self, weights, source):
        with self._with(weights):
            memory, state = self.model.start(source)
        self._fields = list(memory)
        return list(memory.values()), list(state)

    def _pure_step(self, weights, memory, state, tokens, room):
        more = {} if room is None else {"room": room}
        with self._with(weights):
            named = dict(zip(self._fields, memory, strict=True))
            readout, attention, state = self.model.step(tokens, tuple(state), named, **more)
        return readout, attention, [array[..., 1:, :] if more else array for array in state]

    def _pure_best(self, weights, readout, count):
        with self._with(weights):
            return jax.lax.top_k(ops.log_softmax(self.model.logits(readout)), count)


def rows_of(array, rows):
    return array[rows]


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


def every_row(added: np.ndarray) -> np.ndarray:
    """What is added to the scores of rows, or of all alike, for rows filled up."""
    return added if len(added) == 1 else np.pad(added, [(0, rounded(len(added)) - len(added)), (0, 0)])

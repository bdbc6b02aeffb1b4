"""The functions of an engine, by the Keras model itself, compiled by TensorFlow."""

import threading

import numpy as np
import tensorflow as tf

from mtkit.engines.keras_functions import KerasFunctions
from mtkit.model.backend import quiet_backend
from mtkit.model.base import TranslationModel
from mtkit.search.shortlist import BLOCK, NO_TOKEN, OUT, filled_up


class TensorflowFunctions(KerasFunctions):
    """See `KerasFunctions`."""

    def __init__(self, model: TranslationModel):
        super().__init__(model)
        self._first = threading.Lock()
        source = tf.TensorSpec([None, None], tf.int32, "source")
        readout = tf.TensorSpec([None, self._width], tf.float32, "readout")
        count = tf.TensorSpec([], tf.int32, "count")
        matrix = tf.TensorSpec([self._width, None], tf.float32, "matrix")
        shift = tf.TensorSpec([None], tf.float32, "shift")
        mask = tf.TensorSpec([None, None], tf.float32, "mask")
        bias = tf.TensorSpec([None, None], tf.float32, "bias")
        tokens = tf.TensorSpec([None], tf.int32, "tokens")
        self._start = compiled(self._begin, source)
        self._best = compiled(self._best_eagerly, readout, count)
        self._best_of = compiled(self._best_of_eagerly, readout, count, matrix, shift, mask, bias)
        self._judge = compiled(self._judge_eagerly, readout, matrix, shift, tokens)
        self._step = None

    def start(self, source: np.ndarray):
        with self._first:
            if not self._step:
                with quiet_backend():
                    self.traced()
                    readout, *_ = self._step(*self._start(source[:1]), np.zeros(1, np.int32))
                    self._best(readout, 1)
        return self._start(source)

    def step(self, memory, state, tokens):
        readout, *attention, state = self._step(memory, state, tokens)
        return readout, attention[0].numpy() if attention else None, state

    def best(self, readout, count):
        scores, ids = self._best(readout, count)
        return scores.numpy(), ids.numpy()

    def output(self, ids=None):
        ids = filled_up(np.arange(self.size)) if ids is None else ids
        matrix = tf.gather(self.model.output_matrix, np.maximum(ids, 0))
        shift = tf.gather(self.model.output_bias, np.maximum(ids, 0))
        return [tf.transpose(matrix), shift + tf.where(ids == NO_TOKEN, OUT, 0.0)]

    def best_of(self, readout, count, output, mask, bias):
        scores, places = self._best_of(readout, count, *output, mask, bias)
        return scores.numpy(), places.numpy()

    def judge(self, readout, output, tokens):
        return [array.numpy() for array in self._judge(readout, *output, tokens)]

    def take(self, array, rows):
        return tf.gather(array, rows)

    def traced(self):
        """(start, step, best, best_of, judge) as functions of TensorFlow, whose arrays have names.

        They take any number of rows and source positions.
        """
        if not self._step:
            memory, state = self._start.get_concrete_function().structured_outputs
            memory = [
                tf.TensorSpec(array.shape, array.dtype, f"memory_{field}")
                for field, array in zip(self._fields, memory, strict=True)
            ]
            state = [
                tf.TensorSpec(growing(array.shape), array.dtype, f"state_{place}")
                for place, array in enumerate(state)
            ]
            tokens = tf.TensorSpec([None], tf.int32, "tokens")
            self._step = compiled(self._step_eagerly, memory, state, tokens)
        return self._start, self._step, self._best, self._best_of, self._judge

    def _step_eagerly(self, memory, state, tokens):
        readout, attention, state = self._advance(memory, state, tokens)
        return readout, *([] if attention is None else [attention]), state

    def _best_eagerly(self, readout, count):
        return largest(tf.nn.log_softmax(self.model.logits(readout, -self.size % BLOCK)), count)

    def _best_of_eagerly(self, readout, count, matrix, shift, mask, bias):
        return largest(tf.nn.log_softmax(tf.matmul(readout, matrix) + shift + mask) + bias, count)

    def _judge_eagerly(self, readout, matrix, shift, tokens):
        scores = tf.nn.log_softmax(tf.matmul(readout, matrix) + shift)
        return tf.gather(scores, tokens, batch_dims=1), -tf.reduce_sum(tf.exp(scores) * scores, axis=1)


def growing(shape):
    """A shape in which an axis that is empty at the start has no fixed size."""
    return [size or None for size in shape]


def compiled(function, *signature):
    """A function of TensorFlow for arguments of these shapes."""
    return tf.function(function, input_signature=signature, autograph=False)


def largest(scores, count):
    """The k = count largest scores of each row.

    As top_k, in a third of the time: column j of V / BLOCK columns holds the scores j, j + V / BLOCK, and so
    on. The columns with the largest maxima hold all that are sought.

    Args:
        scores: float32 [N, V], V a multiple of BLOCK.

    Returns:
        (values float32, best first; their places int32), each [N, k].
    """
    rows, width = tf.unstack(tf.shape(scores))
    columns = width // BLOCK
    blocks = tf.reshape(scores, [-1, BLOCK, columns])
    _, chosen = tf.math.top_k(tf.reduce_max(blocks, axis=1), tf.minimum(count, columns))  # [N, k]
    places = tf.expand_dims(tf.range(BLOCK) * columns, 1) + tf.expand_dims(chosen, 1)  # [N, BLOCK, k]
    places = tf.reshape(places, [rows, -1])
    row_starts = tf.expand_dims(tf.range(rows) * width, 1)
    candidates = tf.gather(tf.reshape(scores, [-1]), row_starts + places)  # [N, BLOCK * k]
    values, among = tf.math.top_k(candidates, count)
    return values, tf.gather(places, among, batch_dims=1)

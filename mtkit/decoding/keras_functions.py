"""The functions of an engine, by the Keras model itself, compiled."""

import threading

import numpy as np
import tensorflow as tf

from mtkit.model import quiet_backend
from mtkit.model.attention import Memory
from mtkit.model.build import Seq2Seq
from mtkit.text.special import PAD_ID

_IDS = [None, None]


class KerasFunctions:
    """See `engines.Functions`; the weights may change between two searches.

    Attributes:
        size: of the target vocabulary.
        attends: whether it has attention.
    """

    def __init__(self, model: Seq2Seq):
        self.model = model
        self.size = model.output_bias.shape[0]
        self.attends = model.settings.attention != "none"
        self._first = threading.Lock()
        self._fields: list[str] = []
        self._start = tf.function(self._start_eagerly, input_signature=[tf.TensorSpec(_IDS, tf.int32, "source")], autograph=False)
        self._step = None
        self._forced = tf.function(self._forced_eagerly, input_signature=[tf.TensorSpec(_IDS, tf.int32)] * 3, autograph=False)

    def start(self, source: np.ndarray):
        with self._first:
            if not self._step:
                with quiet_backend():
                    self.traced()
                    row = np.zeros(1, np.int32)
                    self._step(*self._start(source[:1]), row, 1, np.zeros((1, self.size), np.float32))
        return self._start(source)

    def step(self, memory, state, tokens, count, bias):
        scores, ids, *attention, state = self._step(memory, state, tokens, count, bias)
        return scores.numpy(), ids.numpy(), attention[0].numpy() if attention else None, state

    def take(self, array, rows):
        return tf.gather(array, rows)

    def traced(self):
        """(start, step) as functions of TensorFlow for any number of rows and source positions; their arrays have names."""
        if not self._step:
            memory, state = self._start.get_concrete_function().structured_outputs
            names = [f"memory_{field}" for field in self._fields]
            signature = [
                [tf.TensorSpec(array.shape, array.dtype, name) for array, name in zip(memory, names, strict=True)],
                [tf.TensorSpec(array.shape, array.dtype, f"state_{place}") for place, array in enumerate(state)],
                tf.TensorSpec([None], tf.int32, "tokens"), tf.TensorSpec([], tf.int32, "count"),
                tf.TensorSpec([None, self.size], tf.float32, "bias"),
            ]
            self._step = tf.function(self._step_eagerly, input_signature=signature, autograph=False)
        return self._start, self._step

    def _start_eagerly(self, source):
        memory, state = self.model.start(source)
        self._fields = [name for name, array in memory._asdict().items() if array is not None]
        return [getattr(memory, name) for name in self._fields], list(state)

    def _step_eagerly(self, memory, state, tokens, count, bias):
        present = Memory(**dict(zip(self._fields, memory, strict=True)))
        logits, attention, state = self.model.step(tokens, tuple(state), present)
        scores, ids = tf.math.top_k(tf.nn.log_softmax(logits) + bias, count)
        return scores, ids, *([] if attention is None else [attention]), list(state)

    def forced_log_probabilities(self, source: np.ndarray, target_in: np.ndarray, target_out: np.ndarray) -> np.ndarray:
        """Log-probability of given targets, float32 [B], in nats: the sum over real tokens and END_ID."""
        return self._forced(source, target_in, target_out).numpy()

    def _forced_eagerly(self, source, target_in, target_out):
        scores = tf.nn.log_softmax(self.model((source, target_in)))
        right = tf.gather(scores, target_out, batch_dims=2)
        return tf.reduce_sum(tf.where(target_out == PAD_ID, 0.0, right), axis=1)

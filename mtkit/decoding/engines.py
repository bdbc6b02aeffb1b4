"""Step functions for the search, compiled. The Keras engine runs the model itself."""

import threading

import numpy as np
import tensorflow as tf

from mtkit.model import quiet_backend
from mtkit.model.attention import Memory
from mtkit.model.build import Seq2Seq
from mtkit.text.special import BEGIN_ID, PAD_ID, UNKNOWN_ID

FORBIDDEN_IDS = (PAD_ID, UNKNOWN_ID, BEGIN_ID)


class KerasEngine:
    """Encodes sources and takes decoding steps with a model in memory.

    Attributes:
        parallel: how many searches are best run at the same time, each in a thread.
    """

    def __init__(self, model: Seq2Seq, parallel: int = 1):
        self.model = model
        self.parallel = parallel
        self._first = threading.Lock()
        ids = tf.TensorSpec([None, None], tf.int32)
        self._fields: list[str] = []
        self._start = tf.function(self._start_eagerly, input_signature=[ids], autograph=False)
        self._step = None
        self._forced = tf.function(self._forced_eagerly, input_signature=[ids] * 3, autograph=False)

    def start(self, source: np.ndarray):
        """The state for int32 [B, S] sources, one row each."""
        with self._first:
            if not self._step:
                with quiet_backend():
                    self._compile(source[:1])
        return self._start(source)

    def _compile(self, source: np.ndarray) -> None:
        """Make the step once, for arrays of any number of rows and source positions; and run both functions once."""
        state = tf.nest.map_structure(
            lambda array: tf.TensorSpec(array.shape, array.dtype), self._start.get_concrete_function().structured_outputs
        )
        numbers = tf.TensorSpec([None], tf.int32)
        signature = [state, numbers, numbers, tf.TensorSpec([], tf.int32)]
        self._step = tf.function(self._step_eagerly, input_signature=signature, autograph=False)
        rows = np.zeros(len(source), np.int32)
        self._step(self._start(source), rows, rows, 1)

    def _start_eagerly(self, source):
        memory, state = self.model.start(source)
        self._fields = [name for name, array in memory._asdict().items() if array is not None]
        return tuple(getattr(memory, name) for name in self._fields), tuple(state)

    def step_function(self, candidates: int):
        """A step function (see search.py) that gives this many candidates a row."""
        count = tf.constant(min(candidates, self.model.output_bias.shape[0]))

        def step(state, tokens, parents):
            scores, ids, state = self._step(state, tokens, parents, count)
            return scores.numpy().astype(np.float64), ids.numpy(), state

        return step

    def _step_eagerly(self, state, tokens, parents, count):
        memory, arrays = tf.nest.map_structure(lambda array: tf.gather(array, parents), state)
        present = Memory(**dict(zip(self._fields, memory, strict=True)))
        logits, _, arrays = self.model.step(tokens, arrays, present)
        scores = tf.nn.log_softmax(logits)
        forbidden = tf.reduce_sum(tf.one_hot(FORBIDDEN_IDS, tf.shape(logits)[-1]), axis=0)
        scores, ids = tf.math.top_k(tf.where(forbidden > 0, -float("inf"), scores), count)
        return scores, ids, (memory, arrays)

    def forced_log_probabilities(self, source: np.ndarray, target_in: np.ndarray, target_out: np.ndarray) -> np.ndarray:
        """Log-probability of given targets, float32 [B], in nats: the sum over real tokens and END_ID."""
        return self._forced(source, target_in, target_out).numpy()

    def _forced_eagerly(self, source, target_in, target_out):
        scores = tf.nn.log_softmax(self.model((source, target_in)))
        right = tf.gather(scores, target_out, batch_dims=2)
        return tf.reduce_sum(tf.where(target_out == PAD_ID, 0.0, right), axis=1)

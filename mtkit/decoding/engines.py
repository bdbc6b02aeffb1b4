"""Step functions for the search, compiled. The Keras engine runs the model itself."""

import threading

import numpy as np
import tensorflow as tf
from keras import tree

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
        self._first, self._traced = threading.Lock(), False
        ids = tf.TensorSpec([None, None], tf.int32)
        self._start = tf.function(model.start, input_signature=[ids], autograph=False)
        self._step = tf.function(self._step_eagerly, reduce_retracing=True, autograph=False)
        self._forced = tf.function(self._forced_eagerly, input_signature=[ids] * 3, autograph=False)

    def start(self, source: np.ndarray):
        """The state for int32 [B, S] sources, one row each."""
        with self._first:
            if not self._traced:
                self._traced = True
                with quiet_backend():
                    self._start(source)
        memory, state = self._start(source)
        return tuple(memory), state

    def step_function(self, candidates: int):
        """A step function (see search.py) that gives this many candidates a row."""
        count = tf.constant(min(candidates, self.model.output_bias.shape[0]))

        def step(state, tokens, parents):
            scores, ids, state = self._step(state, tokens, parents, count)
            return scores.numpy().astype(np.float64), ids.numpy(), state

        return step

    def _step_eagerly(self, state, tokens, parents, count):
        memory, arrays = tree.map_structure(lambda array: tf.gather(array, parents), state, none_is_leaf=False)
        logits, _, arrays = self.model.step(tokens, arrays, Memory(*memory))
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

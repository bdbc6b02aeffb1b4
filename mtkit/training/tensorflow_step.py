"""One update of the weights, compiled by TensorFlow, in parts that are done at the same time."""

import contextlib

import tensorflow as tf

from mtkit.data.batching import Batch
from mtkit.model.backend import quiet_backend
from mtkit.model.base import TranslationModel
from mtkit.settings.train import TrainSettings
from mtkit.training.cluster import Cluster
from mtkit.training.step import TrainStep, Update

# A smaller part of a batch is not worth a thread of its own.
LEAST_PART_TOKENS = 512
_IDS = tf.TensorSpec([None, None], tf.int32)


class TensorflowStep(TrainStep):
    """See `TrainStep`.

    Attributes:
        devices: names of the devices that do the parts of a batch, in turn; None is the default one.
    """

    def __init__(
        self,
        model: TranslationModel,
        settings: TrainSettings,
        parallel: int = 1,
        cluster: Cluster | None = None,
    ):
        super().__init__(model, settings, parallel, cluster)
        self.devices = [device.name for device in tf.config.list_logical_devices("GPU")] or [None]
        # Gradient sums and tokens of the batches of an update before its last; not made where an update has
        # one batch.
        shapes = [(), (), *(variable.shape for variable in self.variables)]
        accumulates = settings.accumulate_batches > 1
        self._gathered = [tf.Variable(tf.zeros(shape)) for shape in shapes] if accumulates else []
        self._traced = False
        self._update = tf.function(
            self._update_eagerly, input_signature=[_IDS] * 3 + [tf.TensorSpec([])], autograph=False
        )
        self._gather = tf.function(self._gather_eagerly, input_signature=[_IDS] * 3, autograph=False)
        self._evaluate = tf.function(self._evaluated, input_signature=[_IDS] * 3, autograph=False)
        # XLA makes clipping, optimizer and average one pass over the weights instead of some fifteen.
        self._follow_compiled = tf.function(self._follow_eagerly, jit_compile=True, autograph=False)

    def update(self, batches, step, learning_rate):
        with contextlib.nullcontext() if self._traced else quiet_backend():
            self._traced = True
            return super().update(batches, step, learning_rate)

    def gather(self, batch: Batch) -> None:
        self._gather(batch.source, batch.target_in, batch.target_out)

    def apply(self, batch, decay):
        return Update(*self._update(batch.source, batch.target_in, batch.target_out, decay))

    def evaluate(self, batch):
        negative, tokens = self._evaluate(batch.source, batch.target_in, batch.target_out)
        return float(negative), int(tokens)

    def _gradients(self, source, target_in, target_out):
        """Sums over the real tokens of a batch: negative log-likelihood, tokens, gradients by the variables.

        Each part has every n-th row, so that all have rows of like length.
        """
        count = min(self.parallel, max(1, self.settings.batch_tokens // LEAST_PART_TOKENS))
        parts = []
        for first in range(count):
            rows = slice(first, None, count)
            with tf.device(self.devices[first % len(self.devices)]):
                parts.append(self._part_gradients(source[rows], target_in[rows], target_out[rows]))
        return tf.nest.map_structure(lambda *values: tf.add_n(values), *parts)

    def _part_gradients(self, source, target_in, target_out):
        with tf.GradientTape() as tape:
            loss, negative, tokens = self._losses(source, target_in, target_out)
        gradients = tape.gradient(loss, [variable.value for variable in self.variables])
        return [negative, tokens, [tf.convert_to_tensor(gradient) for gradient in gradients]]

    def _gather_eagerly(self, source, target_in, target_out):
        negative, tokens, gradients = self._gradients(source, target_in, target_out)
        for total, value in zip(self._gathered, [negative, tokens, *gradients], strict=True):
            total.assign_add(value)

    def _update_eagerly(self, source, target_in, target_out, decay):
        negative, tokens, gradients = self._gradients(source, target_in, target_out)
        sums = [negative, tokens, *gradients]
        if self._gathered:
            sums = [value + total for value, total in zip(sums, self._gathered, strict=True)]
        negative, tokens, *gradients = self.cluster.total(sums)
        factor, sound = self._judged(negative, tokens, gradients)
        tf.cond(
            sound, lambda: self._follow_compiled(gradients, factor, decay), lambda: tf.constant(value=False)
        )
        for total in self._gathered:
            total.assign(tf.zeros_like(total))
        return negative, tokens, sound

    def _follow_eagerly(self, gradients, factor, decay):
        self._follow(gradients, factor, decay)
        return tf.constant(value=True)

"""One update of the weights, compiled: the only place in training that names TensorFlow."""

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf
from keras import ops

from mtkit.data.batching import Batch
from mtkit.model import need_tensorflow, quiet_backend
from mtkit.model.base import TranslationModel
from mtkit.settings import TrainSettings
from mtkit.text.special import PAD_ID
from mtkit.training.cluster import Cluster
from mtkit.training.loss import negative_log_likelihood, smoothed_cross_entropy

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(name="optimizer", beta_1=0.9, beta_2=0.98, epsilon=1e-9),
    "rmsprop": lambda: keras.optimizers.RMSprop(name="optimizer"),
    "sgd": lambda: keras.optimizers.SGD(name="optimizer"),
}
# Times the loss of a uniform distribution.
EXPLODED = 3.0
# Every draw of dropout moves the random state on by one; no step has as many, so that no two steps share a mask.
MOST_DRAWS = 256
# A smaller part of a batch is not worth a thread of its own.
LEAST_PART_TOKENS = 512
_IDS = tf.TensorSpec([None, None], tf.int32)


class TrainStep:
    """The model, its optimizer and the average of its weights, and the compiled functions over them.

    Args:
        parallel: parts of a batch that this process does at the same time.
        cluster: the processes that each do a share of a batch.

    Attributes:
        devices: names of the devices that do the parts of a batch, in turn; None is the default one.
        averages: one variable for each trainable variable of the model, or nothing when average_decay is 0.
    """

    def __init__(self, model: TranslationModel, settings: TrainSettings, parallel: int = 1, cluster: Cluster | None = None):
        need_tensorflow()
        self.model = model
        self.parallel = parallel
        self.cluster = cluster or Cluster()
        self.devices = [device.name for device in tf.config.list_logical_devices("GPU")] or [None]
        self.settings = settings
        self.variables = model.trainable_variables
        self.optimizer = OPTIMIZERS[settings.optimizer]()
        self.optimizer.build(self.variables)
        self.averages = []
        if settings.average_decay:
            self.averages = [
                keras.Variable(variable, trainable=False, name=f"average_{variable.name}") for variable in self.variables
            ]
        # Gradient sums and tokens of the batches of an update before its last; not made where an update has one batch.
        self._gathered = []
        if settings.accumulate_batches > 1:
            self._gathered = [tf.Variable(tf.zeros(shape)) for shape in [(), (), *(variable.shape for variable in self.variables)]]
        self._traced = False
        self._update = tf.function(self._update_eagerly, input_signature=[_IDS] * 3 + [tf.TensorSpec([])], autograph=False)
        self._gather = tf.function(self._gather_eagerly, input_signature=[_IDS] * 3, autograph=False)
        self._evaluate = tf.function(self._evaluate_eagerly, input_signature=[_IDS] * 3, autograph=False)
        # XLA makes clipping, optimizer and average one pass over the weights instead of some fifteen.
        self._apply = tf.function(self._apply_eagerly, jit_compile=True, autograph=False)

    def update(self, batches: Sequence[Batch], step: int, learning_rate: float) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Change the weights by the gradient over some batches; where loss or gradient make no sense, nothing changes.

        Args:
            batches: `accumulate_batches` of them.
            step: updates made before this one; dropout is a function of the seed and this number.

        Returns:
            Scalars, not yet waited for, over all workers: negative log-likelihood summed (nats), target tokens, and whether the
            update was made.
        """
        self.optimizer.learning_rate.assign(learning_rate)
        # The average starts short and grows to its full length, so that the first weights do not linger in it.
        decay = min(self.settings.average_decay, (1.0 + step) / (10.0 + step))
        with contextlib.nullcontext() if self._traced else quiet_backend():
            self._traced = True
            for place, batch in enumerate(batches):
                draw = (step * len(batches) + place) * self.cluster.size + self.cluster.index
                self.model.dropout_seed.state.assign([self.settings.seed, draw * MOST_DRAWS % 2**32])
                if place < len(batches) - 1:
                    self._gather(batch.source, batch.target_in, batch.target_out)
            return self._update(batch.source, batch.target_in, batch.target_out, decay)

    def evaluate(self, batch: Batch) -> tuple[float, int]:
        """(negative log-likelihood summed in nats, target tokens) of a batch, without dropout or smoothing."""
        negative, tokens = self._evaluate(batch.source, batch.target_in, batch.target_out)
        return float(negative), int(tokens)

    def swap_averages(self) -> None:
        """Exchange the weights with their averages (twice is nothing)."""
        for variable, average in zip(self.variables, self.averages, strict=False):
            kept = ops.copy(variable.value)
            variable.assign(average.value)
            average.assign(kept)

    def _readouts(self, source, target_in, target_out, training):
        """(readouts [N, E], right tokens [N], 1 or 0 for real or padding [N]), N = T x B."""
        readouts = self.model.readouts(source, target_in, training)
        targets = ops.reshape(ops.transpose(target_out), (-1,))
        return ops.reshape(readouts, (-1, readouts.shape[-1])), targets, ops.cast(targets != PAD_ID, "float32")

    def _gradients(self, source, target_in, target_out):
        """Sums over the real tokens of a batch: negative log-likelihood, tokens, gradient of the loss by each variable.

        Each part has every n-th row, so that all have rows of like length.
        """
        count = min(self.parallel, max(1, self.settings.batch_tokens // LEAST_PART_TOKENS))
        parts = []
        for first in range(count):
            with tf.device(self.devices[first % len(self.devices)]):
                parts.append(self._part_gradients(source[first::count], target_in[first::count], target_out[first::count]))
        return tf.nest.map_structure(lambda *values: tf.add_n(values), *parts)

    def _part_gradients(self, source, target_in, target_out):
        with tf.GradientTape() as tape:
            readouts, targets, real = self._readouts(source, target_in, target_out, True)
            loss, negative = smoothed_cross_entropy(
                readouts, ops.copy(self.model.output_matrix), ops.copy(self.model.output_bias), targets, real,
                self.settings.label_smoothing, self.model.precision,
            )
        gradients = tape.gradient(loss, [variable.value for variable in self.variables])
        return [negative, ops.sum(real), [tf.convert_to_tensor(gradient) for gradient in gradients]]

    def _gather_eagerly(self, source, target_in, target_out):
        negative, tokens, gradients = self._gradients(source, target_in, target_out)
        for total, value in zip(self._gathered, [negative, tokens, *gradients], strict=True):
            total.assign_add(value)

    def _update_eagerly(self, source, target_in, target_out, decay):
        negative, tokens, gradients = self._gradients(source, target_in, target_out)
        if self._gathered:
            negative, tokens, *gradients = (
                value + total for value, total in zip([negative, tokens, *gradients], self._gathered, strict=True)
            )
        negative, tokens, *gradients = self.cluster.total([negative, tokens, *gradients])
        norm = tf.linalg.global_norm(gradients) / tokens
        clipped = tf.minimum(1.0, self.settings.clip_norm / (norm + 1e-6)) if self.settings.clip_norm else 1.0
        # A model that knows nothing loses log V nats a token: far more is no gradient to follow, even where it is finite.
        sound = tf.math.is_finite(norm) & (negative < EXPLODED * math.log(self.model.output_bias.shape[0]) * tokens)
        tf.cond(sound, lambda: self._apply(gradients, clipped / tokens, decay), lambda: tf.constant(False))
        for total in self._gathered:
            total.assign(tf.zeros_like(total))
        return negative, tokens, sound

    def _apply_eagerly(self, gradients, factor, decay):
        self.optimizer.apply([gradient * factor for gradient in gradients], self.variables)
        for variable, average in zip(self.variables, self.averages, strict=False):
            average.assign(average * decay + variable * (1.0 - decay))
        return tf.constant(True)

    def _evaluate_eagerly(self, source, target_in, target_out):
        readouts, targets, real = self._readouts(source, target_in, target_out, False)
        return negative_log_likelihood(self.model.logits(readouts), targets, real), ops.sum(real)


def write_scalars(directory: Path, step: int, values: dict[str, float]) -> None:
    """Append numbers to the TensorBoard events of a folder."""
    # tf.summary.scalar needs the package tensorboard; its file format does not.
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
    metadata = tf.compat.v1.SummaryMetadata(plugin_data=plugin, data_class=1)
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default():
        for name, value in values.items():
            tf.summary.write(name, tf.constant(value, tf.float32), step=step, metadata=metadata)
    writer.close()

"""One update of the weights, compiled: the only place in training that names TensorFlow."""

import contextlib
from pathlib import Path

import keras
import tensorflow as tf
from keras import ops

from mtkit.data.batching import Batch
from mtkit.model import quiet_backend
from mtkit.model.build import Seq2Seq
from mtkit.settings import TrainSettings
from mtkit.text.special import PAD_ID
from mtkit.training.loss import smoothed_cross_entropy

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(name="optimizer", beta_1=0.9, beta_2=0.98, epsilon=1e-9),
    "rmsprop": lambda: keras.optimizers.RMSprop(name="optimizer"),
    "sgd": lambda: keras.optimizers.SGD(name="optimizer"),
}
_IDS = tf.TensorSpec([None, None], tf.int32)


class TrainStep:
    """The model, its optimizer and the average of its weights, and the compiled functions over them.

    Attributes:
        averages: one variable for each trainable variable of the model, or nothing when average_decay is 0.
    """

    def __init__(self, model: Seq2Seq, settings: TrainSettings):
        self.model = model
        self.settings = settings
        self.optimizer = OPTIMIZERS[settings.optimizer]()
        self.optimizer.build(model.trainable_variables)
        self.averages = []
        if settings.average_decay:
            self.averages = [
                keras.Variable(variable, trainable=False, name=f"average_{variable.name}") for variable in model.trainable_variables
            ]
        self._traced = False
        self._update = tf.function(self._update_eagerly, input_signature=[_IDS] * 3 + [tf.TensorSpec([])], autograph=False)
        self._evaluate = tf.function(self._evaluate_eagerly, input_signature=[_IDS] * 3, autograph=False)

    def update(self, batch: Batch, step: int, learning_rate: float) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Change the weights by one batch.

        Args:
            step: updates made before this one; dropout is a function of the seed and this number.

        Returns:
            Scalars, not yet waited for: negative log-likelihood summed (nats), target tokens, norm of the gradient.
        """
        self.model.dropout_seed.state.assign([self.settings.seed, step])
        self.optimizer.learning_rate.assign(learning_rate)
        # The average starts short and grows to its full length, so that the first weights do not linger in it.
        decay = min(self.settings.average_decay, (1.0 + step) / (10.0 + step))
        with contextlib.nullcontext() if self._traced else quiet_backend():
            self._traced = True
            return self._update(batch.source, batch.target_in, batch.target_out, decay)

    def evaluate(self, batch: Batch) -> tuple[float, int]:
        """(negative log-likelihood summed in nats, target tokens) of a batch, without dropout or smoothing."""
        negative, tokens = self._evaluate(batch.source, batch.target_in, batch.target_out)
        return float(negative), int(tokens)

    def swap_averages(self) -> None:
        """Exchange the weights with their averages (twice is nothing)."""
        for variable, average in zip(self.model.trainable_variables, self.averages, strict=False):
            kept = ops.copy(variable.value)
            variable.assign(average.value)
            average.assign(kept)

    def _loss(self, source, target_in, target_out, training, smoothing):
        readouts = self.model.readouts(source, target_in, training)
        logits = self.model.logits(ops.reshape(readouts, (-1, readouts.shape[-1])))
        targets = ops.reshape(ops.transpose(target_out), (-1,))
        real = ops.cast(targets != PAD_ID, "float32")
        loss, negative = smoothed_cross_entropy(logits, targets, real, smoothing)
        return loss, negative, ops.sum(real)

    def _update_eagerly(self, source, target_in, target_out, decay):
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            loss, negative, tokens = self._loss(source, target_in, target_out, True, self.settings.label_smoothing)
            loss = loss / tokens
        gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, [v.value for v in variables])]
        norm = tf.linalg.global_norm(gradients)
        if self.settings.clip_norm:
            factor = tf.minimum(1.0, self.settings.clip_norm / (norm + 1e-6))
            gradients = [gradient * factor for gradient in gradients]
        self.optimizer.apply(gradients, variables)
        for variable, average in zip(variables, self.averages, strict=False):
            average.assign(average * decay + variable * (1.0 - decay))
        return negative, tokens, norm

    def _evaluate_eagerly(self, source, target_in, target_out):
        _, negative, tokens = self._loss(source, target_in, target_out, False, 0.0)
        return negative, tokens


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

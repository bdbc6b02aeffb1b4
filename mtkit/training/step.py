"""One update of the weights: what it computes. tensorflow_step.py and jax_step.py compile it."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from mtkit.data.batching import Batch
from mtkit.model.base import TranslationModel
from mtkit.settings.train import TrainSettings
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
# Every draw of dropout moves the random state on by one; no step has as many, so that no two steps share a
# mask.
MOST_DRAWS = 256


class Update(NamedTuple):
    """What came of an update, over the real target tokens of all workers: scalars, not yet waited for.

    Attributes:
        negative: negative log-likelihood summed, nats.
        tokens: how many.
        sound: whether it was made; loss and gradient made sense.
    """

    negative: Any
    tokens: Any
    sound: Any


class TrainStep(ABC):
    """The model, its optimizer and the average of its weights, and the compiled functions over them.

    Args:
        parallel: parts of a batch that this process does at the same time.
        cluster: the processes that each do a share of a batch.

    Attributes:
        averages: one variable for each trainable variable of the model, or nothing when average_decay is 0.
    """

    def __init__(
        self,
        model: TranslationModel,
        settings: TrainSettings,
        parallel: int = 1,
        cluster: Cluster | None = None,
    ):
        self.model = model
        self.parallel = parallel
        self.cluster = cluster or Cluster()
        self.settings = settings
        self.variables = model.trainable_variables
        self.optimizer = OPTIMIZERS[settings.optimizer]()
        self.optimizer.build(self.variables)
        self.averages = []
        if settings.average_decay:
            self.averages = [
                keras.Variable(variable, trainable=False, name=f"average_{variable.name}")
                for variable in self.variables
            ]

    def update(self, batches: Sequence[Batch], step: int, learning_rate: float) -> Update:
        """Change the weights by the gradient over some batches, where loss and gradient make sense.

        Args:
            batches: `accumulate_batches` of them.
            step: updates made before this one; dropout is a function of the seed and this number.
        """
        self.optimizer.learning_rate.assign(learning_rate)
        # The average starts short and grows to its full length, so that the first weights do not linger in
        # it.
        decay = min(self.settings.average_decay, (1.0 + step) / (10.0 + step))
        for place, batch in enumerate(batches):
            draw = (step * len(batches) + place) * self.cluster.size + self.cluster.index
            self.model.dropout_seed.state.assign([self.settings.seed, draw * MOST_DRAWS % 2**32])
            if place < len(batches) - 1:
                self.gather(batch)
        return self.apply(batches[-1], decay)

    @abstractmethod
    def gather(self, batch: Batch) -> None:
        """Keep the gradient over a batch for the update to come."""

    @abstractmethod
    def apply(self, batch: Batch, decay: float) -> Update:
        """The update by the gradient over a batch, and over what was gathered."""

    @abstractmethod
    def evaluate(self, batch: Batch) -> tuple[float, int]:
        """(negative log-likelihood summed in nats, target tokens) of a batch; no dropout, no smoothing."""

    def swap_averages(self) -> None:
        """Exchange the weights with their averages (twice is nothing)."""
        for variable, average in zip(self.variables, self.averages, strict=False):
            kept = ops.copy(variable.value)
            variable.assign(average.value)
            average.assign(kept)

    # What is compiled.

    def _readouts(self, source, target_in, target_out, *, training: bool):
        """(readouts [N, E], right tokens [N], 1 or 0 for real or padding [N]), N = T x B."""
        readouts = self.model.readouts(source, target_in, training)
        targets = ops.reshape(ops.transpose(target_out), (-1,))
        return (
            ops.reshape(readouts, (-1, readouts.shape[-1])),
            targets,
            ops.cast(targets != PAD_ID, "float32"),
        )

    def _losses(self, source, target_in, target_out):
        """(loss to minimise, negative log-likelihood, real tokens): sums over a batch."""
        readouts, targets, real = self._readouts(source, target_in, target_out, training=True)
        loss, negative = smoothed_cross_entropy(
            readouts,
            ops.copy(self.model.output_matrix),
            ops.copy(self.model.output_bias),
            targets,
            real,
            self.settings.label_smoothing,
            self.model.precision,
        )
        return loss, negative, ops.sum(real)

    def _judged(self, negative, tokens, gradients):
        """(what to multiply gradients by, whether to follow them) of sums over the tokens of all batches."""
        norm = ops.sqrt(sum(ops.sum(ops.square(gradient)) for gradient in gradients)) / tokens
        clip = self.settings.clip_norm
        clipped = ops.minimum(1.0, clip / (norm + 1e-6)) if clip else 1.0
        # A model that knows nothing loses log V nats a token: far more is no gradient to follow, even where
        # it is finite.
        most = EXPLODED * math.log(self.model.output_bias.shape[0]) * tokens
        sound = ops.logical_and(ops.isfinite(norm), negative < most)
        return clipped / tokens, sound

    def _follow(self, gradients, factor, decay):
        """Optimizer and averages."""
        self.optimizer.apply([gradient * factor for gradient in gradients], self.variables)
        for variable, average in zip(self.variables, self.averages, strict=False):
            average.assign(average * decay + variable * (1.0 - decay))

    def _evaluated(self, source, target_in, target_out):
        readouts, targets, real = self._readouts(source, target_in, target_out, training=False)
        return negative_log_likelihood(self.model.logits(readouts), targets, real), ops.sum(real)

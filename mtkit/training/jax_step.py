"""One update of the weights, compiled by JAX for each shape of a batch; model/shapes.py leaves few shapes."""

import jax
import jax.numpy as jnp
import keras

from mtkit.data.batching import Batch
from mtkit.model.base import TranslationModel
from mtkit.model.shapes import forget_many, padded
from mtkit.settings.train import TrainSettings
from mtkit.training.cluster import Cluster
from mtkit.training.step import TrainStep, Update

# Programs of a step that are kept.
MOST_PROGRAMS = 40


class JaxStep(TrainStep):
    """See `TrainStep`.

    What is compiled takes all variables as arrays and gives them back; JAX itself shares the work out.
    """

    def __init__(
        self,
        model: TranslationModel,
        settings: TrainSettings,
        parallel: int = 1,
        cluster: Cluster | None = None,
    ):
        super().__init__(model, settings, parallel, cluster)
        self._fixed = [
            variable
            for variable in model.weights
            if not any(variable is trained for trained in self.variables)
        ]
        self._changing = [*self.variables, *self.optimizer.variables, *self.averages]
        self._gathered = None
        self._add = jax.jit(self._pure_sums)
        self._update = jax.jit(self._pure_update)
        self._evaluate = jax.jit(self._pure_evaluate)

    def gather(self, batch):
        self._gathered = self._add(values(self.variables), values(self._fixed), arrays(batch), self._gathered)

    def apply(self, batch: Batch, decay: float) -> Update:
        forget_many(MOST_PROGRAMS, self._update, self._add)
        update, after = self._update(
            values(self._changing), values(self._fixed), arrays(batch), self._gathered, decay
        )
        self._gathered = None
        for variable, value in zip(self._changing, after, strict=True):
            variable.assign(value)
        return Update(*update)

    def evaluate(self, batch):
        negative, tokens = self._evaluate(values(self.variables), values(self._fixed), arrays(batch))
        return float(negative), int(tokens)

    def _with(self, changed: list, values: list, fixed: list) -> keras.StatelessScope:
        """A block in which these variables, and the fixed ones, have these values."""
        return keras.StatelessScope(
            state_mapping=[*zip(changed, values, strict=True), *zip(self._fixed, fixed, strict=True)]
        )

    def _pure_sums(self, weights, fixed, batch, gathered):
        """Sums over the tokens of a batch and of what was gathered: log-likelihood, tokens, gradients."""
        loss_and_gradients = jax.value_and_grad(self._pure_loss, has_aux=True)
        (_, sums), gradients = loss_and_gradients(weights, fixed, batch)
        sums = [*sums, *gradients]
        if gathered is None:
            return sums
        return [value + total for value, total in zip(sums, gathered, strict=True)]

    def _pure_loss(self, weights, fixed, batch):
        with self._with(self.variables, weights, fixed):
            loss, *sums = self._losses(*batch)
        return loss, sums

    def _pure_update(self, changing, fixed, batch, gathered, decay):
        negative, tokens, *gradients = self._pure_sums(
            changing[: len(self.variables)], fixed, batch, gathered
        )
        with self._with(self._changing, changing, fixed) as scope:
            factor, sound = self._judged(negative, tokens, gradients)
            self._follow(gradients, factor, decay)
            after = [scope.get_current_value(variable) for variable in self._changing]
        after = [jnp.where(sound, new, old) for new, old in zip(after, changing, strict=True)]
        return (negative, tokens, sound), after

    def _pure_evaluate(self, weights, fixed, batch):
        with self._with(self.variables, weights, fixed):
            return self._evaluated(*batch)


def values(variables) -> list:
    """What variables hold."""
    return [variable.value for variable in variables]


def arrays(batch: Batch) -> list:
    """A batch with rows and positions filled up, these to as many on both sides: there are fewer shapes."""
    positions = max(batch.source.shape[1], batch.target_in.shape[1])
    return [padded(array, positions) for array in (batch.source, batch.target_in, batch.target_out)]

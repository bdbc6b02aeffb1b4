"""The step of the backend that Keras has."""

import keras

from mtkit.model.base import TranslationModel
from mtkit.settings.train import TrainSettings
from mtkit.training.cluster import Cluster
from mtkit.training.step import TrainStep


def train_step(
    model: TranslationModel, settings: TrainSettings, parallel: int = 1, cluster: Cluster | None = None
) -> TrainStep:
    """A `TrainStep` (which see for the arguments), compiled by the backend; the other one is not imported."""
    if keras.backend.backend() == "jax":
        from mtkit.training.jax_step import JaxStep

        return JaxStep(model, settings, parallel, cluster)
    from mtkit.training.tensorflow_step import TensorflowStep

    return TensorflowStep(model, settings, parallel, cluster)

"""The functions of an engine, by the Keras model itself, compiled by its backend."""

import keras

from mtkit.engines.engine import Functions
from mtkit.model.base import TranslationModel


def keras_functions(model: TranslationModel) -> Functions:
    """What runs a model; its weights may change between two searches."""
    if keras.backend.backend() == "jax":
        from mtkit.engines.jax_functions import JaxFunctions

        return JaxFunctions(model)
    from mtkit.engines.tensorflow_functions import TensorflowFunctions

    return TensorflowFunctions(model)

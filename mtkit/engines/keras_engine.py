"""The model itself as an engine, by the backend that Keras has."""

from typing import TYPE_CHECKING

from mtkit.engines.engine_kind import ATTENTION, ENSEMBLE, SCORES, STEPS, EngineKind
from mtkit.engines.model_source import ModelSource
from mtkit.errors import MtkitError
from mtkit.model.backend import load_backend

if TYPE_CHECKING:
    from mtkit.engines.keras_functions import KerasFunctions
    from mtkit.model.base import TranslationModel


def open_engine(source: ModelSource, *, is_needed: bool) -> "KerasFunctions":
    """The functions of a trained model."""
    try:
        load_backend()
    except ModuleNotFoundError as error:
        raise MtkitError(
            f"the package {error.name} is not installed here; install it, or run 'mtkit export' where it is"
            " and copy the directory"
        ) from None
    from mtkit.model.hardware import use_threads
    from mtkit.model.trained import trained_model

    use_threads(source.threads)
    paths = source.checkpoint.weights_files(source.weights)
    return keras_functions(trained_model(source.checkpoint, paths, source.tokenizers, source.reporter))


def keras_functions(model: "TranslationModel") -> "KerasFunctions":
    """What runs a model, by the backend that Keras has."""
    if load_backend() == "jax":
        from mtkit.engines.jax_functions import JaxFunctions

        return JaxFunctions(model)
    from mtkit.engines.tensorflow_functions import TensorflowFunctions

    return TensorflowFunctions(model)


KERAS = EngineKind(
    name="keras",
    title="Keras",
    abilities=frozenset({STEPS, SCORES, ATTENTION, ENSEMBLE}),
    open=open_engine,
    stage=None,
    package="tensorflow",
)

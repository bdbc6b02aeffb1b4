"""What can run a trained model, and what each can do.

A new kind of engine is a file with two functions, and one line of ENGINES:

    open_engine(source, is_needed)     the functions of a model (functions.py), or an engine that searches by
                                       itself; None where nothing of the model was made for it, unless it is
                                       needed: then an error says what to do
    is_worthwhile(source, beam)        whether it is the better choice, where a user leaves the choice
"""

import importlib
from dataclasses import dataclass
from typing import Any

from mtkit.engines.model_source import ModelSource

# A search may be steered step by step and looked into. What cannot do it searches by itself.
STEPS = "steps"
# Exact log-probabilities come back, the model's own.
SCORES = "scores"
# Where the model has attention, it comes back.
ATTENTION = "attention"
# Arithmetic in int8.
INT8 = "int8"
# Several models may translate together.
ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class EngineKind:
    """A way to run a trained model.

    Attributes:
        name: what users call it.
        title: the program that runs the model.
        abilities: what it can do; a model without attention gives none, whatever runs it.
        module: the file that opens it; imported only then.
    """

    name: str
    title: str
    abilities: frozenset[str]
    module: str

    def open(self, source: ModelSource, *, is_needed: bool) -> Any:
        """See above."""
        return importlib.import_module(self.module).open_engine(source, is_needed=is_needed)

    def is_worthwhile(self, source: ModelSource, beam: int) -> bool:
        """See above."""
        return importlib.import_module(self.module).is_worthwhile(source, beam)


# In the order in which they are tried.
ENGINES = (
    EngineKind("ctranslate2", "CTranslate2", frozenset({INT8}), "mtkit.engines.ctranslate2_engine"),
    EngineKind(
        "onnx",
        "ONNX Runtime",
        frozenset({STEPS, SCORES, ATTENTION, INT8, ENSEMBLE}),
        "mtkit.engines.onnx_engine",
    ),
    EngineKind(
        "keras", "Keras", frozenset({STEPS, SCORES, ATTENTION, ENSEMBLE}), "mtkit.engines.keras_engine"
    ),
)


def engine_kind(name: str) -> EngineKind:
    """The kind with a name."""
    return next(kind for kind in ENGINES if kind.name == name)

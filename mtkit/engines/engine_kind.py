"""What a kind of engine is: its name, what it can do, how it is opened."""

from collections.abc import Callable
from dataclasses import dataclass

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


def always(source: ModelSource, beam: int) -> bool:
    """Whether a kind is the better choice that is worthwhile wherever it can do what is asked."""
    return True


@dataclass(frozen=True)
class EngineKind:
    """A way to run a trained model.

    Attributes:
        name: what users call it.
        title: the program that runs the model, for a page.
        abilities: what it can do; a model without attention gives none, whatever runs it.
        open: (source, is_needed=) -> the functions of a model (functions.py), or, of a kind without STEPS, a
            `SearchingEngine`; None where nothing of the model was made for it, unless it is
            needed: then an error says what to do.
        stage: of `mtkit export`, whose files it runs; None where it runs the weights themselves.
        package: that must be installed.
        is_worthwhile: (source, beam) -> whether it is the better choice, where a user leaves the choice.
    """

    name: str
    title: str
    abilities: frozenset[str]
    open: Callable
    stage: str | None
    package: str
    is_worthwhile: Callable[[ModelSource, int], bool] = always

    @property
    def searches_by_itself(self) -> bool:
        """Whether its searches can be neither steered nor looked into, and its hypotheses may differ."""
        return STEPS not in self.abilities

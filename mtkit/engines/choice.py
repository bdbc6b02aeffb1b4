"""Which engine runs a search: the one that is named, or the best of those that can do what is asked."""

import functools
from collections.abc import Sequence
from threading import RLock
from typing import Protocol

from mtkit.data.tokenizers import have_one_vocabulary
from mtkit.engines.engine_kind import ENSEMBLE, INT8, STEPS, EngineKind
from mtkit.engines.ensemble import Ensemble
from mtkit.engines.functions import Functions
from mtkit.engines.model_source import ModelSource
from mtkit.engines.registry import engine_kind, engine_kinds
from mtkit.engines.searching_engine import SearchingEngine
from mtkit.engines.step_engine import StepEngine
from mtkit.errors import CheckpointError, SettingsError
from mtkit.settings.engines import ENGINE_CHOICES


class Engines(Protocol):
    """The engines that a translator may use.

    Attributes:
        named: the kind that was asked for by its name; None where any will do.
    """

    named: EngineKind | None

    def by_steps(self) -> StepEngine:
        """The one that takes a search step by step."""

    def choose(
        self, needs: frozenset[str], prefers: frozenset[str], beam: int
    ) -> StepEngine | SearchingEngine:
        """The one for a search.

        Args:
            needs: what it must be able to do; see engine_kind.py.
            prefers: what else it must be able to do, unless it was named.
        """


class OneEngine:
    """See `Engines`: there is but one, and it takes steps."""

    named = None

    def __init__(self, engine: StepEngine):
        self._engine = engine

    def by_steps(self) -> StepEngine:
        return self._engine

    def choose(self, needs: frozenset[str], prefers: frozenset[str], beam: int) -> StepEngine:
        return self._engine


class EnginesOfModels:
    """See `Engines`: those for trained models, each opened when first needed. Safe from several threads.

    Args:
        sources: the models that translate together; their vocabularies are one.
        name: of a kind of engine, or "auto".

    Raises:
        SettingsError: no engine has this name, or it cannot do what the sources ask for.
        CheckpointError: the vocabularies differ.
    """

    def __init__(self, sources: Sequence[ModelSource], name: str = "auto"):
        if name not in ENGINE_CHOICES:
            raise SettingsError(f"engine is one of {', '.join(ENGINE_CHOICES)}. Received: {name!r}")
        self.named = None if name == "auto" else engine_kind(name)
        self._sources = sources
        self._lock = RLock()
        self._opened: dict[str, StepEngine | SearchingEngine | None] = {}
        if len(sources) > 1 and self.named and ENSEMBLE not in self.named.abilities:
            raise SettingsError(f"--engine {name} does plain searches: leave it out, or --ensemble")
        self._int8 = sources[0].precision == "int8"
        if self._int8 and self.named and INT8 not in self.named.abilities:
            raise SettingsError(f"--engine {name} computes in float32; for int8 leave --engine out")
        for source in sources[1:]:
            require_same_vocabulary(sources[0], source)

    def by_steps(self) -> StepEngine:
        """One that was named and searches by itself is none, and another takes its place."""
        return self._first(frozenset({STEPS}), None)

    def choose(
        self, needs: frozenset[str], prefers: frozenset[str], beam: int
    ) -> StepEngine | SearchingEngine:
        if self.named and needs <= self.named.abilities:
            return self._open(self.named, is_needed=True)
        return self._first(needs | prefers, beam)

    def _first(self, abilities: frozenset[str], beam: int | None) -> StepEngine | SearchingEngine:
        """The first kind that can do this, was made for these weights, and is worthwhile."""
        if self._int8:
            abilities = abilities | {INT8}
        if len(self._sources) > 1:
            abilities = abilities | {ENSEMBLE}
        able = [kind for kind in engine_kinds() if abilities <= kind.abilities]
        if self.named in able:
            able = [self.named]
        for kind in able:
            is_needed = kind is self.named or (self._int8 and kind is able[-1])
            if not is_needed and beam and not kind.is_worthwhile(self._sources[0], beam):
                continue
            if engine := self._open(kind, is_needed=is_needed):
                return engine
        raise AssertionError("the last kind of engine runs whatever was trained")

    def _open(self, kind: EngineKind, *, is_needed: bool) -> StepEngine | SearchingEngine | None:
        with self._lock:
            # What could not be opened is not tried again, unless it is needed: then an error says why.
            if kind.name not in self._opened or (is_needed and not self._opened[kind.name]):
                self._opened[kind.name] = self._open_anew(kind, is_needed=is_needed)
            return self._opened[kind.name]

    def _open_anew(self, kind: EngineKind, *, is_needed: bool) -> StepEngine | SearchingEngine | None:
        if kind.searches_by_itself:
            return kind.open(self._sources[0], is_needed=is_needed)
        open_member = functools.partial(self._open_member, kind, is_needed=is_needed)
        first = open_member(self._sources[0])
        if not first:
            return None
        members = [first, *map(open_member, self._sources[1:])]
        functions = Ensemble(members) if len(members) > 1 else first
        return StepEngine(functions, self._sources[0].parallel, kind.name)

    def _open_member(self, kind: EngineKind, source: ModelSource, *, is_needed: bool) -> Functions | None:
        """The functions of a model; one that joins the first runs in Keras where it was not exported."""
        functions = kind.open(source, is_needed=is_needed)
        if not functions and source is not self._sources[0]:
            return engine_kind("keras").open(source, is_needed=True)
        return functions


def require_same_vocabulary(source: ModelSource, other: ModelSource) -> None:
    """Raise CheckpointError where models cannot translate together."""
    checkpoint, theirs = source.checkpoint, other.checkpoint
    theirs.require_stage("train")
    if not have_one_vocabulary(theirs, checkpoint):
        raise CheckpointError(
            f"the vocabulary of {theirs.directory} is not that of {checkpoint.directory}; an ensemble needs"
            f" one and the same: prepare with 'mtkit prepare --from {checkpoint.directory}', or train in"
            " copies of one prepared directory"
        )

"""The kinds of engine by their names; one is imported when it is asked for."""

from collections.abc import Iterator
from importlib import import_module

from mtkit.engines.engine_kind import EngineKind
from mtkit.settings.engines import ENGINES


def engine_kind(name: str) -> EngineKind:
    """The kind with a name of `settings.engines.ENGINES`."""
    module, _, kind = ENGINES[name].partition(":")
    return getattr(import_module(module), kind)


def engine_kinds() -> Iterator[EngineKind]:
    """All kinds, in the order in which they are tried."""
    return map(engine_kind, ENGINES)

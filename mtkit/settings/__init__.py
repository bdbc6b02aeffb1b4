"""Every setting of every command: its default, its help text and its check stand here and nowhere else.

The command line makes its options from these dataclasses, `mtkit.toml` has one table for each of them, and
the checkpoint directory keeps the resolved values. A setting is resolved from layers; a later layer wins: the
default, what the checkpoint directory already holds, the settings file, the command line.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtkit.errors import InputError, SettingsError
from mtkit.settings.improve import ImproveSettings
from mtkit.settings.option import check, nearest, public_name
from mtkit.settings.prepare import PrepareSettings
from mtkit.settings.score import CompareSettings, DoctorSettings, ReportSettings, ScoreSettings
from mtkit.settings.search import Search
from mtkit.settings.train import LIMITS, BenchSettings, ExportSettings, ModelSettings, TrainSettings
from mtkit.settings.translate import TranslateSettings

DEFAULT_SETTINGS_FILE = "mtkit.toml"

# The settings of a search that `mtkit score`, `compare` and `report` have too.
SHARED_BY_SCORES = ("beam", "length_penalty")

TABLES: dict[str, type] = {
    "prepare": PrepareSettings,
    "model": ModelSettings,
    "train": TrainSettings,
    "export": ExportSettings,
    "translate": TranslateSettings,
    "score": ScoreSettings,
    "compare": CompareSettings,
    "improve": ImproveSettings,
    "report": ReportSettings,
    "doctor": DoctorSettings,
    "bench": BenchSettings,
}


def search_of(settings: Any) -> Search:
    """How a command searches: those of its settings that are settings of a search."""
    is_a_search = isinstance(settings, Search)
    names = [setting.name for setting in dataclasses.fields(Search)] if is_a_search else SHARED_BY_SCORES
    return Search(**{name: getattr(settings, name) for name in names})


def resolve(table: str, *layers: Mapping[str, Any], origin: str = "the settings"):
    """Settings of a table from layers of values; a later layer wins and an absent name keeps the default.

    Where a layer names a limit of training, the limits of those before it are none.

    Raises:
        SettingsError: an unknown name (the nearest known one is named) or a value of the wrong kind or range.
    """
    settings_class = TABLES[table]
    values: dict[str, Any] = {}
    for layer in layers:
        named = _checked(table, layer, origin)
        if table == "train" and any(named.get(limit) for limit in LIMITS):
            values = {name: value for name, value in values.items() if name not in LIMITS}
        values |= named
    return settings_class(**values)


def _checked(table: str, layer: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The values of a layer by the names of fields."""
    known = {public_name(setting): setting for setting in dataclasses.fields(TABLES[table])}
    values = {}
    for name, value in layer.items():
        name = name.replace("-", "_").rstrip("_")
        if name not in known:
            raise SettingsError(f"{origin}: unknown key {name!r} in [{table}]{nearest(name, list(known))}")
        values[known[name].name] = check(table, known[name], value, origin)
    return values


def read_settings_file(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of a TOML settings file, with names checked but values not yet.

    Raises:
        InputError: no such file, or not TOML.
        SettingsError: an unknown table or key.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"settings file {path} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"settings file {path} cannot be read: {error}") from None
    for name, table in tables.items():
        if name not in TABLES:
            raise SettingsError(f"{path}: unknown table [{name}]{nearest(name, list(TABLES))}")
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {name} is a table: write [{name}] on a line of its own")
        resolve(name, table, origin=str(path))
    return tables


def as_table(settings: Any) -> dict[str, Any]:
    """Settings as a TOML or JSON table; absent values are left out."""
    values = {
        public_name(setting): getattr(settings, setting.name) for setting in dataclasses.fields(settings)
    }
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }

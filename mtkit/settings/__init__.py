"""Every setting of every command: its default, its help text and its check stand here and nowhere else.

The command line makes its options from these dataclasses, `mtkit.toml` has one table for each of them, and
the checkpoint directory keeps the resolved values. A setting is resolved from layers; a later layer wins: the
default, what the checkpoint directory already holds, the settings file, the command line.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from mtkit.errors import InputError, SettingsError
from mtkit.settings.option import check, nearest, public_name

DEFAULT_SETTINGS_FILE = "mtkit.toml"

# Where the dataclass of each table is; a command imports its own alone.
TABLES = {
    "prepare": "mtkit.settings.prepare:PrepareSettings",
    "model": "mtkit.settings.train:ModelSettings",
    "train": "mtkit.settings.train:TrainSettings",
    "export": "mtkit.settings.train:ExportSettings",
    "translate": "mtkit.settings.translate:TranslateSettings",
    "score": "mtkit.settings.score:ScoreSettings",
    "compare": "mtkit.settings.score:CompareSettings",
    "improve": "mtkit.settings.improve:ImproveSettings",
    "report": "mtkit.settings.score:ReportSettings",
    "doctor": "mtkit.settings.score:DoctorSettings",
    "bench": "mtkit.settings.train:BenchSettings",
}


def settings_class(table: str) -> type:
    """The dataclass of a table."""
    module, _, name = TABLES[table].partition(":")
    return getattr(import_module(module), name)


def resolve(table: str, *layers: Mapping[str, Any], origin: str = "the settings"):
    """Settings of a table from layers of values; a later layer wins and an absent name keeps the default.

    Where a layer names a limit (`TrainSettings.limits`), the limits of those before it are none.

    Raises:
        SettingsError: an unknown name (the nearest known one is named) or a value of the wrong kind or range.
    """
    kind = settings_class(table)
    limits = getattr(kind, "limits", ())
    values: dict[str, Any] = {}
    for layer in layers:
        named = _checked(table, layer, origin)
        if any(named.get(limit) for limit in limits):
            values = {name: value for name, value in values.items() if name not in limits}
        values |= named
    return kind(**values)


def _checked(table: str, layer: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The values of a layer by the names of fields."""
    known = {public_name(setting): setting for setting in dataclasses.fields(settings_class(table))}
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

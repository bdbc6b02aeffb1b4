"""Command-line options made from the settings, and settings made from the command line."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import click

from mtkit.checkpoint import DEFAULT_DIRECTORY
from mtkit.settings import DEFAULT_SETTINGS_FILE, TABLES, read_settings_file, resolve
from mtkit.settings.option import flag, public_name, shown, value_type


def settings_options(*tables: str):
    """A decorator that gives a command one option for each setting of the tables, and -C and --config."""

    def decorate(command):
        for table in reversed(tables):
            for setting in reversed(dataclasses.fields(TABLES[table])):
                command = _option(setting)(command)
        command = click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"Settings file (TOML).  [default: {DEFAULT_SETTINGS_FILE} if there is one here]",
        )(command)
        return click.option(
            "-C",
            "--checkpoint-dir",
            "checkpoint_dir",
            type=click.Path(path_type=Path),
            default=DEFAULT_DIRECTORY,
            envvar="MTKIT_CHECKPOINT_DIR",
            show_default=True,
            metavar="DIR",
            help="Checkpoint directory; also from MTKIT_CHECKPOINT_DIR.",
        )(command)

    return decorate


def _option(setting: dataclasses.Field):
    kind, several, _ = value_type(setting)
    details = setting.metadata
    dashed = flag(public_name(setting))
    default = details["otherwise"] or ("" if setting.default in (None, ()) else shown(setting.default))
    ending = f"  [default: {default}]" if default else ""
    arguments: dict[str, Any] = {
        "default": None,
        "help": details["help"] + ending,
        "metavar": details["metavar"],
    }
    if kind is bool:
        return click.option(
            f"{dashed}/--no-{dashed[2:]}", setting.name, default=None, help=details["help"] + ending
        )
    if details["choices"]:
        arguments.update(type=click.Choice(details["choices"]))
    elif kind is int:
        arguments.update(
            type=click.IntRange(details["minimum"], details["maximum"]), metavar=details["metavar"] or "N"
        )
    elif kind is float:
        arguments.update(
            type=click.FloatRange(details["minimum"], details["maximum"]), metavar=details["metavar"] or "X"
        )
    names = [details["short"], dashed] if details["short"] else [dashed]
    return click.option(*names, setting.name, multiple=several, **arguments)


def directory_flag(checkpoint_dir: Path) -> str:
    """' -C DIR' where a command that is proposed to the user needs it, else nothing."""
    return "" if str(checkpoint_dir) == DEFAULT_DIRECTORY else f" -C {shlex.quote(str(checkpoint_dir))}"


def resolve_settings(
    flags: dict[str, Any], config_file: Path | None, *tables: str, stored: dict[str, dict] | None = None
) -> tuple:
    """Settings of each table from the defaults, the checkpoint directory's own, the settings file and the
    flags.
    """
    path = config_file or Path(DEFAULT_SETTINGS_FILE)
    from_file = read_settings_file(path) if config_file or path.exists() else {}
    resolved = []
    for table in tables:
        names = {setting.name for setting in dataclasses.fields(TABLES[table])}
        layers = {
            "settings.toml of the checkpoint directory": (stored or {}).get(table, {}),
            str(path): from_file.get(table, {}),
            "command line": {
                name: value for name, value in flags.items() if name in names and value not in (None, ())
            },
        }
        for origin, layer in layers.items():
            resolve(table, layer, origin=origin)
        resolved.append(resolve(table, *layers.values()))
    return tuple(resolved)

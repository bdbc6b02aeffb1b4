"""Commands made from the settings, with help in groups, and settings made from the command line."""

import dataclasses
import functools
import re
import shlex
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mtkit.checkpoint import DEFAULT_DIRECTORY
from mtkit.settings import DEFAULT_SETTINGS_FILE, read_settings_file, resolve, settings_class
from mtkit.settings.option import BASICS, GROUPS, flag, public_name, shown, value_type

# Where a context keeps that all options are to be shown.
SHOW_ALL = "mtkit.show_all"
# Widest names of options that have their help beside them, in columns.
FIRST_COLUMN = 24


# What stands before the first semicolon or the end of the first sentence, those in parentheses aside.
_FIRST_CLAUSE = re.compile(r"(?:[^();.]|\((?:[^()]|\([^()]*\))*\)|;(?! )|\.(?! [A-Z]|$))*")


class SettingOption(click.Option):
    """An option made from a setting, which tells its group of the help."""

    def __init__(self, *names, setting: dataclasses.Field, **details):
        super().__init__(*names, **details)
        self.group: str = setting.metadata["group"]
        self.rare: bool = setting.metadata["rare"]
        self.setting = setting

    def brief_help(self) -> str:
        """What it does, without details, and its default, unless that is nothing."""
        is_said = self.setting.metadata["otherwise"] or self.setting.default
        ending = _default_text(self.setting) if is_said else ""
        return _FIRST_CLAUSE.match(self.setting.metadata["help"])[0] + "." + ending


class SettingsCommand(click.Command):
    """A command whose help has its options in groups, the rare ones only with --help-all."""

    def get_params(self, context: click.Context) -> list[click.Parameter]:
        return [*super().get_params(context), self._help_all_option]

    @functools.cached_property
    def _help_all_option(self) -> click.Option:
        rare = sum(getattr(parameter, "rare", False) for parameter in self.params)
        return click.Option(
            ["--help-all"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_all,
            hidden=not rare,
            help=f"Show {rare} more options, and all about each.",
        )

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        groups = defaultdict(list)
        for parameter in self.get_params(context):
            record = _help_record(parameter, context)
            if record:
                groups[getattr(parameter, "group", BASICS.title)].append(record)
        for group in GROUPS:
            if group.title in groups:
                with formatter.section(group.title):
                    formatter.write_dl(groups[group.title], col_max=FIRST_COLUMN)


def _help_record(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    """The names of an option and its help, in brief where not all is shown; None for what is not shown."""
    record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
    if not record or context.meta.get(SHOW_ALL) or not isinstance(parameter, SettingOption):
        return record
    names = record[0] if parameter.setting.default else record[0].partition(" / ")[0]
    return None if parameter.rare else (names, parameter.brief_help())


def _show_all(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.meta[SHOW_ALL] = True
        click.echo(context.get_help(), color=context.color)
        context.exit()


def settings_command(*tables: str) -> Callable[[Callable], SettingsCommand]:
    """A decorator that makes a command with an option for each setting of the tables, and -C and --config.

    Its help is the function's docstring; the line about it in the list of commands stands in `cli.main`.
    """

    def decorate(function: Callable) -> SettingsCommand:
        for table in reversed(tables):
            for setting in reversed(dataclasses.fields(settings_class(table))):
                function = _option(setting)(function)
        function = _directory_option(_settings_file_option(function))
        return click.command(cls=SettingsCommand)(function)

    return decorate


_settings_file_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Settings file.  [default: {DEFAULT_SETTINGS_FILE}, if it exists]",
)
_directory_option = click.option(
    "-C",
    "--checkpoint-dir",
    "checkpoint_dir",
    type=click.Path(path_type=Path),
    default=DEFAULT_DIRECTORY,
    envvar="MTKIT_CHECKPOINT_DIR",
    show_default=True,
    metavar="DIR",
    help="Checkpoint directory, or MTKIT_CHECKPOINT_DIR.",
)


def _option(setting: dataclasses.Field) -> Callable[[Callable], Callable]:
    expected = value_type(setting)
    details = setting.metadata
    dashed = flag(public_name(setting))
    arguments: dict[str, Any] = {
        "default": None,
        "help": details["help"] + _default_text(setting),
        "cls": SettingOption,
        "setting": setting,
    }
    if expected.kind is bool:
        return click.option(f"{dashed}/--no-{dashed[2:]}", setting.name, **arguments)
    names = [details["short"], dashed] if details["short"] else [dashed]
    return click.option(
        *names, setting.name, multiple=expected.is_list, **arguments, **_value(expected.kind, details)
    )


def _default_text(setting: dataclasses.Field) -> str:
    """What holds where a setting is left out, for the end of its help."""
    default = setting.metadata["otherwise"] or (
        "" if setting.default in (None, ()) else shown(setting.default)
    )
    return f"  [default: {default}]" if default else ""


def _value(kind: type, details: Any) -> dict[str, Any]:
    """What click needs to know of the value of an option: its type, and what it is called."""
    metavar = details["metavar"]
    if details["choices"]:
        return {"type": click.Choice(details["choices"]), "metavar": metavar}
    if kind is int:
        return {"type": click.IntRange(details["minimum"], details["maximum"]), "metavar": metavar or "N"}
    if kind is float:
        return {"type": click.FloatRange(details["minimum"], details["maximum"]), "metavar": metavar or "X"}
    return {"metavar": metavar}


def directory_flag(checkpoint_dir: Path) -> str:
    """' -C DIR' where a command that is proposed to the user needs it, else nothing."""
    return "" if str(checkpoint_dir) == DEFAULT_DIRECTORY else f" -C {shlex.quote(str(checkpoint_dir))}"


def resolve_settings(
    flags: dict[str, Any], config_file: Path | None, *tables: str, stored: dict[str, dict] | None = None
) -> tuple:
    """Settings of each table from the defaults, the checkpoint directory, the settings file and the flags."""
    path = config_file or Path(DEFAULT_SETTINGS_FILE)
    from_file = read_settings_file(path) if config_file or path.exists() else {}
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    resolved = []
    for table in tables:
        names = {setting.name for setting in dataclasses.fields(settings_class(table))}
        layers = {
            "settings.toml of the checkpoint directory": (stored or {}).get(table, {}),
            str(path): from_file.get(table, {}),
            "command line": {name: value for name, value in given.items() if name in names},
        }
        for origin, layer in layers.items():
            resolve(table, layer, origin=origin)
        resolved.append(resolve(table, *layers.values()))
    return tuple(resolved)

"""A setting: a dataclass field that carries its help and its check; and how its value is read, checked and
shown.
"""

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from mtkit.errors import SettingsError

LARGEST_SEED = 2**31 - 1


def option(
    default: Any,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    metavar: str | None = None,
    otherwise: str | None = None,
    short: str | None = None,
):
    """A dataclass field that carries what the command line and the checks need to know about a setting.

    Args:
        otherwise: what holds where it is left out, when `default` does not say so.
        short: another name on the command line, such as "-o".
    """
    details = {
        "help": help,
        "choices": choices,
        "minimum": minimum,
        "maximum": maximum,
        "metavar": metavar,
        "otherwise": otherwise,
        "short": short,
    }
    return field(default=default, metadata=details)


def by_preset(help: str, **details):
    """A setting of the model that its preset decides where it is left out."""
    return option(None, help, otherwise="by preset", **details)


def by_family(help: str, **details):
    """A setting of training that the family of the model decides where it is left out."""
    return option(None, help, otherwise="by family of the model", **details)


def weights_option(what: str):
    """The name of weights in a checkpoint directory."""
    return option(
        "best", f"{what}: best, last, average (of the last ones kept), or a step number.", metavar="NAME"
    )


def public_name(setting: dataclasses.Field) -> str:
    """A setting's name in files and on the command line: `from_` has a name that Python keeps for itself."""
    return setting.name.rstrip("_")


def flag(name: str) -> str:
    """How a setting is called on the command line."""
    return "--" + name.replace("_", "-")


def changed(settings: Any, names: Iterable[str]) -> list[str]:
    """Those of some settings that are not what they are by default."""
    usual = {field.name: field.default for field in dataclasses.fields(settings)}
    return [name for name in names if getattr(settings, name) != usual[name]]


def refuse_others(settings: Any, own: Mapping[str, Iterable[str]], what: str, chosen: str | None) -> None:
    """Raise SettingsError where settings that belong to another choice were changed.

    Args:
        own: the settings that belong to each choice alone.
        what: the option that chooses.
    """
    for choice, names in own.items():
        if choice != chosen and (others := changed(settings, names)):
            raise SettingsError(
                f"{', '.join(map(flag, others))}: for {what} {choice} alone, and this is {what} {chosen}"
            )


def value_type(setting: dataclasses.Field) -> tuple[type, bool, bool]:
    """What a setting holds: (type of one value, whether it is a tuple of them, whether it may be absent)."""
    hint = setting.type
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, False
    if isinstance(hint, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not types.NoneType), False, True
    return hint, False, False


def nearest(name: str, names: list[str]) -> str:
    """', did you mean X?' for a mistyped name, or nothing."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def check(table: str, setting: dataclasses.Field, value: Any, origin: str) -> Any:
    """The value in the setting's own type; raises SettingsError if it is of another kind or out of range."""
    kind, several, optional = value_type(setting)
    where = f"{origin}: {public_name(setting)} in [{table}]"
    if value is None and optional:
        return None
    if several:
        items = [value] if isinstance(value, (str, int)) else value
        if not isinstance(items, (list, tuple)) or not all(isinstance(item, (str, int)) for item in items):
            raise SettingsError(f"{where} takes a list of strings. Received: {value!r}")
        for item in items:
            check_choice(setting, item, where)
            check_name(setting, item, where)
        return tuple(str(item) for item in items)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SettingsError(f"{where} takes {_KIND_NAMES[kind]}. Received: {value!r}")
    check_choice(setting, value, where)
    check_name(setting, value, where)
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{where} takes a number with an end. Received: {value!r}")
    low, high = setting.metadata["minimum"], setting.metadata["maximum"]
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        bounds = " and ".join(
            text
            for text in (
                f"at least {low}" if low is not None else "",
                f"at most {high}" if high is not None else "",
            )
            if text
        )
        raise SettingsError(f"{where} is {bounds}. Received: {value!r}")
    return value


def check_choice(setting: dataclasses.Field, value: Any, where: str) -> None:
    """Raises SettingsError where a setting has choices, and this is none of them."""
    choices = setting.metadata["choices"]
    if choices and value not in choices:
        raise SettingsError(
            f"{where} is one of {', '.join(choices)}{nearest(str(value), list(choices))} Received: {value!r}"
        )


def check_name(setting: dataclasses.Field, value: Any, where: str) -> None:
    """Raises SettingsError where a setting names a file, and the name is empty: an unset variable of a
    shell.
    """
    if setting.metadata["metavar"] == "FILE" and value == "":
        raise SettingsError(f"{where} is the name of a file, and it is empty; give a name, or leave it out")


_KIND_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def shown(value: Any) -> str:
    """A setting's value as a user writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value in (None, "") else str(value)

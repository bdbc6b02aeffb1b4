"""A setting: a dataclass field that carries its help and its check; how its value is read and shown."""

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtkit.errors import SettingsError
from mtkit.writing import writable

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Group:
    """A part of a command's help: its settings are declared through it.

    Attributes:
        title: above the part.
    """

    title: str

    def option(
        self,
        default: Any,
        help: str,
        *,
        rare: bool = False,
        choices: tuple[str, ...] = (),
        minimum: float | None = None,
        maximum: float | None = None,
        metavar: str | None = None,
        otherwise: str | None = None,
        short: str | None = None,
    ):
        """A dataclass field that carries what the command line and the checks need to know about a setting.

        Args:
            help: what stands before the first semicolon, or in the first sentence, is its help in brief.
            rare: whether only `--help-all` shows it.
            metavar: what its value is called; N for a whole number and X for another where it is left out.
            otherwise: what holds where it is left out, when `default` does not say so.
            short: another name on the command line, such as "-o".
        """
        details = {
            "group": self.title,
            "help": help,
            "rare": rare,
            "choices": choices,
            "minimum": minimum,
            "maximum": maximum,
            "metavar": metavar,
            "otherwise": otherwise,
            "short": short,
        }
        return field(default=default, metadata=details)

    def rare(self, default: Any, help: str, **details):
        """A setting of this group that only `--help-all` shows; see `option`."""
        return self.option(default, help, rare=True, **details)


# In the order in which they stand in a command's help.
GROUPS = (
    BASICS := Group("Basics"),
    TEXT := Group("Text"),
    CLEANING := Group("Cleaning"),
    TOKENIZER := Group("Tokenizer"),
    MODEL := Group("Model"),
    OPTIMISATION := Group("Optimisation"),
    SEARCH := Group("Search"),
    SAMPLING := Group("Sampling"),
    WORDS := Group("Words"),
    DOCUMENTS := Group("Documents"),
    SCORES := Group("Scores"),
    COMPARISON := Group("Comparison"),
    SYNTHETIC := Group("Synthetic text"),
    VALIDATION := Group("Validation"),
    TRANSLATING := Group("Translating"),
    OUTPUT := Group("Output"),
    MACHINE := Group("Machine"),
)

# What holds where a setting of the model, or of training, is left out.
BY_PRESET = "by preset"
BY_FAMILY = "by family"


def weights_option(declare: Callable, purpose: str):
    """The name of weights in a checkpoint directory; `declare` is a method of a group."""
    help = f"{purpose}: best, last, average (of the last ones kept), or a step number."
    return declare("best", help, metavar="NAME")


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


def refuse_others(
    settings: Any, names_by_choice: Mapping[str, Iterable[str]], chooser: str, chosen: str | None
) -> None:
    """Raise SettingsError where settings that belong to another choice were changed.

    Args:
        names_by_choice: the settings that belong to each choice alone.
        chooser: the option that chooses.
    """
    for choice, names in names_by_choice.items():
        if choice != chosen and (others := changed(settings, names)):
            raise SettingsError(
                f"{', '.join(map(flag, others))}: for {chooser} {choice} alone, and this is {chooser}"
                f" {chosen}"
            )


@dataclass(frozen=True)
class ValueType:
    """What a setting holds.

    Attributes:
        kind: the type of one value.
        is_list: whether it holds a tuple of such values.
        is_optional: whether it may be absent.
    """

    kind: type
    is_list: bool = False
    is_optional: bool = False


def value_type(setting: dataclasses.Field) -> ValueType:
    """What a setting holds, by its annotation."""
    hint = setting.type
    if typing.get_origin(hint) is tuple:
        return ValueType(typing.get_args(hint)[0], is_list=True)
    if isinstance(hint, types.UnionType):
        kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
        return ValueType(kinds[0], is_optional=True)
    return ValueType(hint)


def refuse_single(name: str, values: Any) -> None:
    """Raise SettingsError where one text stands for several: it would be taken for its letters."""
    if isinstance(values, (str, bytes, Path)):
        given = values if isinstance(values, bytes) else str(values)
        raise SettingsError(f"{name} takes several, such as ({given!r},). Received: {values!r}")


def nearest(name: str, names: list[str]) -> str:
    """', did you mean X?' for a mistyped name, or nothing."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def check(table: str, setting: dataclasses.Field, value: Any, origin: str) -> Any:
    """The value in the setting's own type; raises SettingsError if it is of another kind or out of range."""
    expected = value_type(setting)
    where = f"{origin}: {public_name(setting)} in [{table}]"
    if value is None and expected.is_optional:
        return None
    if expected.is_list:
        return tuple(_check_text(setting, item, where) for item in _as_list(value, where))
    value = _as_kind(expected.kind, value, where)
    if isinstance(value, str):
        return _check_text(setting, value, where)
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{where} takes a number with an end. Received: {value!r}")
    _check_range(setting, value, where)
    return value


def _as_list(value: Any, where: str) -> Iterable[str | int]:
    items = [value] if isinstance(value, (str, int)) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, (str, int)) for item in items):
        raise SettingsError(f"{where} takes a list of strings. Received: {value!r}")
    return items


def _as_kind(kind: type, value: Any, where: str) -> Any:
    """The value as a string, number or boolean; a whole number serves where any number does."""
    is_boolean = isinstance(value, bool)
    if kind is float and isinstance(value, int) and not is_boolean:
        return float(value)
    if not isinstance(value, kind) or (is_boolean and kind is not bool):
        raise SettingsError(f"{where} takes {_KIND_NAMES[kind]}. Received: {value!r}")
    return value


def _check_text(setting: dataclasses.Field, value: str | int, where: str) -> str:
    """The value as text; raises SettingsError where it is none of the choices, an empty name of a file, or
    no UTF-8.
    """
    choices = setting.metadata["choices"]
    if choices and value not in choices:
        hint = nearest(str(value), list(choices)) or "."
        raise SettingsError(f"{where} is one of {', '.join(choices)}{hint} Received: {value!r}")
    if setting.metadata["metavar"] == "FILE" and value == "":  # of an unset variable of a shell
        raise SettingsError(f"{where} is the name of a file, and it is empty; give a name, or leave it out")
    text = str(value)
    if writable(text) != text:  # neither a report nor settings.toml could name it
        raise SettingsError(
            f"{where} is not UTF-8: {writable(text)}; if it names a file, rename that, for example with mv"
        )
    return text


def _check_range(setting: dataclasses.Field, value: float, where: str) -> None:
    low, high = setting.metadata["minimum"], setting.metadata["maximum"]
    bounds = []
    if low is not None:
        bounds.append(f"at least {low}")
    if high is not None:
        bounds.append(f"at most {high}")
    if (low is not None and value < low) or (high is not None and value > high):
        raise SettingsError(f"{where} is {' and '.join(bounds)}. Received: {value!r}")


_KIND_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def shown(value: Any) -> str:
    """A setting's value as a user writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "nothing" if value in (None, "") else str(value)

"""What a setting takes, and what it says of what it does not take."""

import dataclasses
import os
from dataclasses import dataclass

import pytest

from mtkit.errors import SettingsError
from mtkit.settings.option import BASICS, OUTPUT, ValueType, check, value_type


@dataclass(frozen=True)
class Settings:
    """One setting of each kind."""

    names: tuple[str, ...] = BASICS.option((), "Names.", choices=("a", "b", "3"))
    file: str | None = BASICS.option(None, "A file.", metavar="FILE")
    count: int = BASICS.option(1, "A count.", minimum=1, maximum=9)
    share: float = OUTPUT.rare(0.5, "A share.", minimum=0.0)
    on: bool = OUTPUT.option(False, "On.")


FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(
    ("name", "value", "checked"),
    [
        ("names", ["a", "b"], ("a", "b")),
        ("names", "a", ("a",)),
        ("file", None, None),
        ("file", "x", "x"),
        ("count", 9, 9),
        ("share", 1, 1.0),
        ("on", True, True),
    ],
)
def test_what_is_taken(name, value, checked):
    result = check("table", FIELDS[name], value, "origin")
    assert (result, type(result)) == (checked, type(checked))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("names", ["a", 1.5], "takes a list of strings. Received: ['a', 1.5]"),
        ("names", ["a", "zzzz"], "is one of a, b, 3. Received: 'zzzz'"),
        ("file", "", "is the name of a file, and it is empty"),
        ("file", os.fsdecode(b"caf\xe9.de"), r"is not UTF-8: caf\xe9.de; if it names a file, rename that"),
        ("count", None, "takes a whole number. Received: None"),
        ("count", 0, "is at least 1 and at most 9. Received: 0"),
        ("count", True, "takes a whole number. Received: True"),
        ("share", -1, "is at least 0.0. Received: -1.0"),
        ("share", float("nan"), "takes a number with an end. Received: nan"),
        ("on", 1, "takes true or false. Received: 1"),
    ],
)
def test_what_is_not_taken(name, value, message):
    with pytest.raises(SettingsError) as caught:
        check("table", FIELDS[name], value, "origin")
    assert str(caught.value).startswith(f"origin: {name} in [table] {message}")


def test_kinds_of_values():
    assert value_type(FIELDS["names"]) == ValueType(str, is_list=True)
    assert value_type(FIELDS["file"]) == ValueType(str, is_optional=True)
    assert value_type(FIELDS["on"]) == ValueType(bool)

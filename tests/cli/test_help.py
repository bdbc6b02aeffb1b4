"""Help texts, quick start-up, and how wrong usage is answered."""

import dataclasses
import itertools
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from mtkit.cli.main import COMMANDS
from mtkit.settings import TABLES, settings_class
from mtkit.settings.option import GROUPS, flag, public_name

ROOT = Path(__file__).resolve().parents[2]
# Of the help of a command, at 110 columns.
MOST_LINES = 50
COMMAND_TABLES = {command: [command] for command in COMMANDS} | {"train": ["model", "train"]}


def test_commands_are_listed(mtkit):
    code, out, err = mtkit("--help")
    assert (code, err) == (0, "")
    for name, what in COMMANDS.items():
        assert name in out
        assert what in out


def test_every_table_belongs_to_a_command():
    assert {table for tables in COMMAND_TABLES.values() for table in tables} == set(TABLES)


def settings_of(command):
    classes = map(settings_class, COMMAND_TABLES[command])
    return list(itertools.chain.from_iterable(map(dataclasses.fields, classes)))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_whole_help_names_every_setting(mtkit, command):
    code, out, err = mtkit(command, "--help-all")
    assert (code, err) == (0, "")
    words = out.replace("/", " ").replace(",", " ").split()
    for setting in settings_of(command):
        assert flag(public_name(setting)) in words
    for option in ("-C", "--checkpoint-dir", "--config", "MTKIT_CHECKPOINT_DIR"):
        assert option in out
    assert max(map(len, out.splitlines())) <= 110


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_groups_and_short(mtkit, command, monkeypatch):
    """About a screen; what it leaves out it counts."""
    monkeypatch.setenv("COLUMNS", "110")
    code, out, err = mtkit(command, "--help")
    assert (code, err) == (0, "")
    assert out.count("\n") <= MOST_LINES
    words = out.replace("/", " ").replace(",", " ").split()
    settings = settings_of(command)
    rare = [setting for setting in settings if setting.metadata["rare"]]
    for setting in settings:
        assert (flag(public_name(setting)) in words) == (setting not in rare)
    assert (f"Show {len(rare)} more options" in out) == bool(rare)
    titles = [line[:-1] for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles[0] == "Basics"
    assert titles == [group.title for group in GROUPS if group.title in titles]


def test_the_document_of_all_commands():
    """docs/commands.md is what scripts/write_commands.py writes."""
    document = runpy.run_path(str(ROOT / "scripts/write_commands.py"))["document"]
    assert (ROOT / "docs/commands.md").read_text(encoding="utf-8") == document(), "run it again"


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (["--help"], {"numpy", "tensorflow", "keras", "sacrebleu", "sentencepiece", "rich"}),
        (["--version"], {"numpy", "tensorflow", "keras", "sacrebleu", "sentencepiece", "rich"}),
        *(([command, "--help"], {"tensorflow", "keras"}) for command in COMMANDS),
    ],
)
def test_help_imports_little(arguments, forbidden):
    program = f"""
import sys
from mtkit.cli.main import main
try:
    main({arguments!r})
finally:
    print(*sorted(sys.modules.keys() & {forbidden!r}), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "\n")


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "mtkit", "--version"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stdout[:6]) == (0, "mtkit,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "trian"),
        (["--wrong"], "--wrong"),
        (["score", "--beem", "3"], "--beam"),
        (["score", "--beam", "many"], "many"),
        (["score", "--beam", "0"], "1<=x<=256"),
        (["train", "--cell", "rnn"], "lstm"),
        (["translate", "--format", "xml"], "jsonl"),
    ],
)
def test_wrong_usage(mtkit, arguments, message):
    code, out, err = mtkit(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "code", "messages"),
    [
        ("[score]\nbeem = 3\n", 2, ["unknown key 'beem' in [score]", "did you mean 'beam'"]),
        ("[scores]\nbeam = 3\n", 2, ["unknown table [scores]", "did you mean 'score'"]),
        ("[train]\nlearning-rat = 3\n", 2, ["learning_rat", "did you mean 'learning_rate'"]),
        ("[score]\nbeam = 'five'\n", 2, ["beam in [score] takes a whole number", "Received: 'five'"]),
        ("[score]\nbeam = true\n", 2, ["beam in [score] takes a whole number"]),
        ("[score]\nbeam = 1000\n", 2, ["at least 1 and at most 256", "Received: 1000"]),
        ("[score]\nsplit = 'tset'\n", 2, ["split in [score] is one of test, valid", "did you mean 'test'"]),
        ("score = 3\n", 2, ["score is a table"]),
        ("[score\n", 1, ["cannot be read"]),
    ],
)
def test_wrong_settings_file(mtkit, text, code, messages):
    Path("mtkit.toml").write_text(text, encoding="utf-8")
    left, out, err = mtkit("score")
    assert (left, out) == (code, "")
    for message in ["mtkit.toml", *messages]:
        assert message in err
    assert err.count("\n") == 1


def test_settings_file_that_is_missing_or_elsewhere(mtkit):
    code, _, err = mtkit("score", "--config", "nowhere.toml")
    assert (code, "nowhere.toml does not exist" in err) == (1, True)
    Path("other.toml").write_text("[score]\nbeam = 0\n", encoding="utf-8")
    code, _, err = mtkit("score", "--config", "other.toml")
    assert (code, "other.toml: beam" in err) == (2, True)


def test_checkpoint_directory_from_the_environment(mtkit, monkeypatch):
    monkeypatch.setenv("MTKIT_CHECKPOINT_DIR", "elsewhere")
    code, _, err = mtkit("score")
    assert (code, "elsewhere does not exist" in err) == (1, True)
    code, _, err = mtkit("score", "-C", "here")
    assert (code, "here does not exist" in err) == (1, True)

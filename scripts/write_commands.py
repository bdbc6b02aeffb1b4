"""Writes docs/commands.md: every option of every command, as `mtkit COMMAND --help-all` shows them.

python scripts/write_commands.py
"""

from pathlib import Path

import click

from mtkit.cli.main import COMMANDS, mtkit
from mtkit.cli.options import SHOW_ALL

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
COLUMNS = 100
HEAD = """# Commands and their options

What `mtkit COMMAND --help-all` shows (`--help` shows the usual part of it). Options have a place in a
[settings file](settings.md) too. Written by `python scripts/write_commands.py`.
"""


def document() -> str:
    """The text of docs/commands.md."""
    return "\n".join([HEAD, *(section(name) for name in COMMANDS)])


def section(name: str) -> str:
    with click.Context(mtkit, info_name="mtkit", **mtkit.context_settings) as parent:
        command = mtkit.get_command(parent, name)
        with click.Context(command, parent, info_name=name, terminal_width=COLUMNS) as context:
            context.meta[SHOW_ALL] = True
            lines = command.get_help(context).splitlines()
    indented = "".join(f"    {line}".rstrip() + "\n" for line in lines)
    return f"## mtkit {name}\n\n{indented}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")

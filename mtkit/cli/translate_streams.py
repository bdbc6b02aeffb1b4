"""What goes into `mtkit translate` and comes out of it: lines, files beside them, the output, how far it
is.
"""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtkit.settings import TranslateSettings
from mtkit.writing import output_file

if TYPE_CHECKING:
    from mtkit.translating.demands import Demands

STDIN = Path("-")
# Settings that name a file beside the input.
BESIDE = ("ban", "glossary", "replace_unknown", "prefixes", "force_reference")
COPY = "copy"
# Texts that were lost or left, and are named one by one.
MOST_NAMED = 20


def files_beside(settings: TranslateSettings) -> dict[str, str]:
    """The files beside the input, by the setting that names them."""
    named = {name: getattr(settings, name) for name in BESIDE}
    return {
        name: value for name, value in named.items() if value and (name, value) != ("replace_unknown", COPY)
    }


def demands(settings: TranslateSettings) -> "Demands":
    """What the files beside the input and the options ask of translations.

    Raises:
        InputError: a file that is not as it should be.
        SettingsError: a regular expression that is none.
    """
    from mtkit.translating.demands import Demands
    from mtkit.translating.glossary import Glossary
    from mtkit.translating.protect import Protection
    from mtkit.translating.unknown import Replacement

    files = {name: read([Path(value)]) for name, value in files_beside(settings).items()}
    return Demands(
        banned=tuple(line.strip() for line in files.get("ban", ()) if line.strip()),
        glossary=Glossary.read(files["glossary"], settings.glossary) if settings.glossary else None,
        protection=Protection.of(settings.protect) if settings.protect else None,
        replacement=(
            Replacement.read(files.get("replace_unknown", ()), name)
            if (name := settings.replace_unknown)
            else None
        ),
    )


def read(files: Sequence[Path]) -> Iterator[str]:
    """The lines of all files in turn; - is stdin. A carriage return before the newline is left out."""
    from mtkit.text.lines import open_text, read_lines

    for file in files:
        if file == STDIN:
            yield from (line for _, line in read_lines(sys.stdin.buffer, "stdin"))
            continue
        with open_text(file) as stream:
            yield from (line for _, line in read_lines(stream, str(file)))


def output(name: str | None):
    """The stream to write to: stdout, or a file that appears when all is written."""
    return contextlib.nullcontext(sys.stdout.buffer) if name is None else output_file(name)


@contextlib.contextmanager
def progress(output_name: str | None, typed: bool):
    """A function that shows how many lines are done, where someone watches stderr and the translations go
    elsewhere.
    """
    if typed or not sys.stderr.isatty() or (output_name is None and sys.stdout.isatty()):
        yield lambda lines: None
        return
    from mtkit.reporter import TerminalReporter

    began = time.monotonic()
    with TerminalReporter() as reporter:
        yield lambda lines: reporter.line(
            f"translated {lines:,} lines, {lines / (time.monotonic() - began):,.0f} lines/s"
        )


def warn(text: str) -> None:
    """Say what may be wrong, and go on."""
    click.echo(f"warning: {text}", err=True)

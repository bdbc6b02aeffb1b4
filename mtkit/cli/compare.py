"""`mtkit compare`: which of several systems is better, where, and why."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.writing import check_output, output_file

if TYPE_CHECKING:
    from mtkit.scoring.comparison import Comparison

ENDINGS = (".html", ".md", ".json")


@settings_command("compare")
@click.argument("systems", nargs=-1, required=True, metavar="A B [C ...]")
def compare(systems: tuple[str, ...], checkpoint_dir: Path, config_file: Path | None, **flags):
    """Compare systems: which is better, where, and why.

    A system is a checkpoint directory, or a file with a translation on each line. The others are compared
    with the first one: on the test text of the first checkpoint directory, or on that of --source and
    --reference.
    """
    (settings,) = resolve_settings(flags, config_file, "compare")
    for name in settings.output:
        if Path(name).suffix not in ENDINGS or name.endswith("/"):
            raise click.UsageError(
                f"--output takes a file that ends in .html, .md or .json. Received: {name}"
            )
        check_output(name)
    source = click.get_current_context().get_parameter_source("checkpoint_dir")
    is_named = source != ParameterSource.DEFAULT
    # Files alone know nothing of a checkpoint directory that is not named.
    checkpoint = Checkpoint(checkpoint_dir) if is_named or not settings.reference else None

    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.compare import compare as run

    with TerminalReporter() as reporter:
        comparison = run(systems, settings, checkpoint, reporter)
        for name in settings.output:
            write = writer(Path(name).suffix)
            with output_file(name) as file:
                file.write(write(comparison).encode())
            reporter.say(f"wrote {name}")
    if settings.json:
        sys.stdout.write(writer(".json")(comparison))
    elif not settings.output:
        sys.stdout.write(writer("")(comparison))


def writer(ending: str) -> "Callable[[Comparison], str]":
    """What writes a comparison in the form that the ending of a file says; as text where there is none."""
    from mtkit.pages.comparison_page import comparison_page
    from mtkit.scoring.comparison_tables import comparison_json, comparison_markdown, comparison_text

    writers = {
        "": comparison_text,
        ".html": comparison_page,
        ".md": comparison_markdown,
        ".json": comparison_json,
    }
    return writers[ending]

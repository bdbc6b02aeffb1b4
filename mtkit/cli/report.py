"""`mtkit report`: a page about a checkpoint directory."""

from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.writing import check_output, output_file


@settings_command("report")
def report(checkpoint_dir: Path, config_file: Path | None, **flags):
    """Write a page about a checkpoint directory, for people who would rather look than read: corpus,
    training, scores, attention, best and worst translations, speed and settings. It is one file that opens
    from the disk, with no network.
    """
    (settings,) = resolve_settings(flags, config_file, "report")
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("train")
    name = settings.output or str(checkpoint.directory / "report.html")
    if Path(name).suffix != ".html":
        raise click.UsageError(f"--output takes a file that ends in .html. Received: {name}")
    check_output(name)

    from mtkit.pages.overview import overview
    from mtkit.pages.report_page import report_page
    from mtkit.reporter import TerminalReporter

    with TerminalReporter() as reporter:
        page = report_page(overview(checkpoint, settings, reporter))
        with output_file(name) as file:
            file.write(page.encode(errors="replace"))
        reporter.say(f"wrote {name}")

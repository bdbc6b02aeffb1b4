"""`mtkit doctor`."""

import dataclasses
import json
from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command


@settings_command("doctor")
def doctor(checkpoint_dir: Path, config_file: Path | None, **flags):
    """Look for what is wrong with a checkpoint directory, or will be: files and hashes, vocabulary, corpus,
    training, output, disk, threads. Each finding comes with what to do. Changes nothing.

    Exit code 0 if all is well or there are only notes, 1 if there is an error or a warning.
    """
    (settings,) = resolve_settings(flags, config_file, "doctor")
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("prepare")

    from mtkit.doctor import diagnose
    from mtkit.reporter import TerminalReporter

    with TerminalReporter() as reporter:
        found = diagnose(
            checkpoint,
            lambda about: reporter.line(f"looking at {about}") if reporter.moving else None,
        )
    if settings.json:
        click.echo(
            json.dumps(
                {"findings": [dataclasses.asdict(one) for one in found.findings], "well": found.well},
                indent=2,
            )
        )
    else:
        for one in found.findings:
            click.echo(f"{one.level}: {one.about}: {one.what}\n    {one.fix}")
        click.echo(f"well: {', '.join(found.well)}" if found.well else "nothing is well")
    if found.ill:
        raise click.exceptions.Exit(1)

"""`mtkit doctor`."""

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

    from mtkit.doctor import diagnose
    from mtkit.reporter import TerminalReporter

    with TerminalReporter() as reporter:
        diagnosis = diagnose(Checkpoint(checkpoint_dir), reporter)
    if settings.json:
        findings = [finding.as_dict() for finding in diagnosis.findings]
        click.echo(json.dumps({"findings": findings, "well": diagnosis.well}, indent=2))
    else:
        for finding in diagnosis.findings:
            click.echo(f"{finding.level}: {finding.about}: {finding.problem}\n    {finding.fix}")
        click.echo(f"well: {', '.join(diagnosis.well)}" if diagnosis.well else "nothing is well")
    if diagnosis.ill:
        raise click.exceptions.Exit(1)

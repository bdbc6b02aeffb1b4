"""`mtkit prepare`: parse, call the stage, print its report."""

from pathlib import Path
from typing import Any

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import directory_flag, resolve_settings, settings_command
from mtkit.reporter import Reporter, TerminalReporter
from mtkit.settings.prepare import PrepareSettings


@settings_command("prepare")
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; show what of each kind there is, with examples."
)
@click.option(
    "--force", is_flag=True, help="Prepare again where prepared text stands; this discards the trained model."
)
def prepare(checkpoint_dir: Path, config_file: Path | None, dry_run: bool, force: bool, **flags):
    """Clean and tokenize parallel text, build the vocabulary, store token arrays.

    \b
    mtkit prepare --train corpus --valid 1000 --source-language en --target-language de
    """
    settings = _settings(flags, config_file)
    with TerminalReporter() as reporter:
        _note_mixed_origins(settings, flags, reporter)
        if dry_run:
            from mtkit.cli.prepare_report import show_preview
            from mtkit.data.preview import preview

            preview_of_text = preview(settings, reporter)
            reporter.pause()
            show_preview(preview_of_text, settings.rejects, reporter)
            return
        from mtkit.cli.prepare_report import show_report
        from mtkit.data.prepare import prepare as run

        report = run(settings, Checkpoint(checkpoint_dir), force=force, reporter=reporter)
        reporter.pause()
        show_report(report, reporter)
        reporter.say(f"next: mtkit train{directory_flag(checkpoint_dir)}")


def _settings(flags: dict[str, Any], config_file: Path | None) -> PrepareSettings:
    """The settings; those that the tokenizers of --from settle come from there."""
    (settings,) = resolve_settings(flags, config_file, "prepare")
    if settings.from_:
        from mtkit.data.vocabulary import settled_by

        settled = settled_by(Checkpoint(Path(settings.from_)))
        (settings,) = resolve_settings(flags, config_file, "prepare", stored={"prepare": settled})
    return settings


def _note_mixed_origins(settings: PrepareSettings, flags: dict[str, Any], reporter: Reporter) -> None:
    """Say where a settings file adds evaluation text to the training text of the command line."""
    for part in ("valid", "test"):
        specs = getattr(settings, part)
        if flags["train"] and specs and not flags[part]:
            named = " ".join(specs)
            reporter.say(
                f"note: --train is from the command line, but {part} ({named}) from the settings file"
            )

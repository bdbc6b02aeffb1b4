"""`mtkit train`."""

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import directory_flag, resolve_settings, settings_command
from mtkit.model.backend import load_backend
from mtkit.reporter import TerminalReporter
from mtkit.training.stored_settings import settle


@settings_command("train", "model")
@click.option("--force", is_flag=True, help="Discard the weights that are there and start again.")
def train(checkpoint_dir, config_file, force, **flags):
    """Train a translation model on the text that 'mtkit prepare' stored.

    Run the same command again to go on where it stopped. Ctrl-C saves and leaves. Without a limit, training
    ends when the validation score has not improved for --patience validations.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("prepare")
    model_settings, settings = settle(
        checkpoint,
        lambda stored: resolve_settings(flags, config_file, "model", "train", stored=stored),
        force=force,
    )
    reporter = TerminalReporter()
    load_backend()
    from mtkit.training.loop import train as run_training

    try:
        outcome = run_training(checkpoint, model_settings, settings, force=force, reporter=reporter)
    finally:
        reporter.pause()
    reporter.say(outcome.reason)
    if not outcome.chief:
        if outcome.interrupted:
            raise KeyboardInterrupt
        return
    directory = directory_flag(checkpoint_dir)
    if outcome.interrupted:
        reporter.say(f"next: 'mtkit train{directory}' goes on")
        raise KeyboardInterrupt
    reporter.say(
        f"next: 'mtkit translate{directory} < FILE' or 'mtkit score{directory}'; 'mtkit"
        f" train{directory} {outcome.to_go_on}' trains on"
    )

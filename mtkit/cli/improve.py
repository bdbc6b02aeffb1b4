"""`mtkit improve`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import directory_flag, resolve_settings, settings_command
from mtkit.model.backend import load_backend

if TYPE_CHECKING:
    from mtkit.improving.rounds import Improvement, Round
    from mtkit.reporter import Reporter
    from mtkit.table import Table


@settings_command("improve")
@click.option(
    "--force", is_flag=True, help="Discard what an earlier command made under improve/, and begin anew."
)
def improve(checkpoint_dir: Path, config_file: Path | None, force: bool, **flags):
    """Make a better model with text in the target language alone: train a model of the reverse direction,
    have it make a source sentence for each line (back-translation), leave out what is bad, train on these
    pairs and the real ones, and keep that model if it is better on the validation text by more than luck.

    \b
    mtkit improve --monolingual news.de

    The best model is then DIR/improve/best, a checkpoint directory for every command; DIR itself stays as it
    is. Run the same command again to go on where it stopped.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("train")
    from mtkit.improving.record import stored_settings

    stored = {} if force else {"improve": stored_settings(checkpoint)}
    (settings,) = resolve_settings(flags, config_file, "improve", stored=stored)
    if not settings.monolingual:
        raise click.UsageError(
            "no text to improve with: add --monolingual FILE, sentences in the target language, one a line"
        )

    load_backend()
    from mtkit.improving.rounds import improve as run
    from mtkit.reporter import TerminalReporter

    with TerminalReporter() as reporter:
        try:
            improvement = run(checkpoint, settings, force=force, reporter=reporter)
        except KeyboardInterrupt:
            reporter.pause()
            reporter.say(f"next: 'mtkit improve{directory_flag(checkpoint_dir)}' goes on")
            raise
        print_improvement(improvement, settings.max_p, checkpoint, reporter)


def print_improvement(
    improvement: "Improvement", max_p: float, checkpoint: Checkpoint, reporter: "Reporter"
) -> None:
    """Print how the rounds ended, and what to do now."""
    from mtkit.table import rich_table

    reporter.show(rich_table(rounds_table(improvement.rounds)))
    if not improvement.best:
        reporter.say(
            f"no round was better by more than luck (p < {max_p:g}): {checkpoint.directory} holds the best"
            " model still. More text, or text more like what is to be translated, may help; or another round,"
            " with a higher --rounds"
        )
        return
    directory = directory_flag(improvement.best)
    reporter.say(f"the best model is in {improvement.best}", style="bold")
    reporter.say(f"next: 'mtkit translate{directory} < FILE' or 'mtkit score{directory}'")


def rounds_table(rounds: "list[Round]") -> "Table":
    """A row for each round."""
    from mtkit.scoring.counts import NAMES
    from mtkit.table import Table, count_text, p_text, score_text

    metric = NAMES[rounds[0].metric]
    rows = []
    for ended in rounds:
        scores = score_text(ended.before), score_text(ended.after), p_text(ended.p)
        outcome = "better, kept" if ended.won else "not better"
        rows.append([str(ended.number), count_text(ended.kept), *scores, outcome])
    head = ["round", "synthetic pairs", f"{metric} before", f"{metric} after", "p", ""]
    return Table(head, rows, "validation text")

"""`mtkit score`: compare hypotheses with references, or translate a text and score that."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.settings.option import flag

# What names something to score.
SCORED = ("hypothesis", "reference", "source", "by", "paired", "test_set", "perplexity", "sentence_scores")


@settings_command("score")
def score(checkpoint_dir: Path, config_file: Path | None, **flags):
    """Score translations: BLEU, chrF, chrF++ and TER, each with its sacreBLEU signature and a 95% confidence
    interval.

    With --hypothesis and --reference it compares files and needs no checkpoint directory. Without
    --hypothesis it translates and scores the test text that 'mtkit prepare' stored (or the validation text,
    if there is no test text; or another text, with --source and --reference), and keeps the translations and
    the scores under scores/ in the checkpoint directory.
    """
    (settings,) = resolve_settings(flags, config_file, "score")
    checkpoint = Checkpoint(checkpoint_dir)
    if settings.history:
        print_history(checkpoint, flags, as_json=settings.json)
        return

    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.report import json_text
    from mtkit.scoring.score import score as run
    from mtkit.scoring.score_tables import scoring_text

    with TerminalReporter() as reporter:
        scoring = run(checkpoint, settings, reporter)
    if settings.json:
        sys.stdout.write(json_text(scoring.as_dict()))
    else:
        sys.stdout.write(scoring_text(scoring, for_terminal=sys.stdout.isatty()))


def print_history(checkpoint: Checkpoint, flags: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what was scored before.

    Args:
        flags: what the command line names; a settings file is for scorings too.
    """
    if given := ", ".join(flag(name) for name in SCORED if flags[name]):
        raise click.UsageError(f"--history scores nothing: leave {given} out")

    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.history import require_history
    from mtkit.scoring.report import json_text
    from mtkit.scoring.score_tables import history_table
    from mtkit.table import table_text

    reports = require_history(checkpoint, TerminalReporter())
    sys.stdout.write(json_text(reports) if as_json else table_text(history_table(reports)))

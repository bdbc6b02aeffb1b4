"""`mtkit score`: compare hypotheses with references, or translate a text and score that."""

import sys
from pathlib import Path

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.settings.score import ScoreSettings
from mtkit.writing import check_output


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
        print_history(checkpoint, settings)
        return
    if settings.sentence_scores:
        check_output(settings.sentence_scores)

    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.report import json_text, write_sentence_scores
    from mtkit.scoring.score import score as run
    from mtkit.scoring.score_tables import scoring_text

    with TerminalReporter() as reporter:
        scoring = run(checkpoint, settings, reporter)
    if settings.sentence_scores:
        write_sentence_scores(settings.sentence_scores, scoring)
    if settings.json:
        sys.stdout.write(json_text(scoring.as_dict()))
    else:
        sys.stdout.write(scoring_text(scoring, for_terminal=sys.stdout.isatty()))


def print_history(checkpoint: Checkpoint, settings: ScoreSettings) -> None:
    """Print what was scored before."""
    others = {
        "--hypothesis": settings.hypothesis,
        "--reference": settings.reference,
        "--source": settings.source,
        "--by": settings.by,
        "--paired": settings.paired,
        "--test-set": settings.test_set,
        "--perplexity": settings.perplexity,
    }
    given = ", ".join(name for name, value in others.items() if value)
    if given:
        raise click.UsageError(f"--history scores nothing: leave {given} out")

    from mtkit.reporter import TerminalReporter
    from mtkit.scoring.history import require_history
    from mtkit.scoring.report import json_text
    from mtkit.scoring.score_tables import history_table
    from mtkit.table import table_text

    reports = require_history(checkpoint, TerminalReporter())
    sys.stdout.write(json_text(reports) if settings.json else table_text(history_table(reports)))

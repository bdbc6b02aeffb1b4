"""How training shows where it stands: the progress line, and the table of validations with example translations."""

import math

from rich.table import Table

from mtkit.reporter import Reporter

COLUMNS = ("step", "epoch", "loss", "ppl", "BLEU", "chrF", "rate", "time", "")
ROWS_SHOWN = 3


def duration(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def perplexity(loss: float) -> float:
    """exp of a loss in nats, bounded so that a diverged model shows a number."""
    return math.exp(min(loss, 99.0))


def show_validation(reporter: Reporter, rows: list[dict], examples: list[tuple[str, str, str]]) -> None:
    """The last few validations (rows of training/log.jsonl), and examples of (source, reference, hypothesis)."""
    reporter.pause()
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for row in rows[-ROWS_SHOWN:]:
        table.add_row(
            f"{row['step']:,}", f"{row['epoch']:.1f}", f"{row['valid_loss']:.3f}", f"{row['valid_perplexity']:.2f}",
            f"{row['bleu']:.1f}", f"{row['chrf']:.1f}", f"{row['learning_rate']:.2g}", duration(row["seconds"]),
            "best" if row["best"] else "",
        )
    reporter.console.print(table)
    for source, reference, hypothesis in examples:
        reporter.say(f"  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}\n")

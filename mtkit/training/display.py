"""How training shows where it stands: a table of validations, example translations."""

import math
from collections.abc import Sequence

from rich.table import Table

from mtkit.reporter import Reporter
from mtkit.table import printable
from mtkit.training.log import Validation

COLUMNS = ("step", "epoch", "loss", "ppl", "BLEU", "chrF", "rate", "time", "")
ROWS_SHOWN = 3
TABLE_WIDTH = 80


def duration(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def perplexity(loss: float) -> float:
    """exp of a loss in nats, bounded so that a diverged model shows a number."""
    return math.exp(min(loss, 99.0))


def show_validations(reporter: Reporter, log: Sequence[Validation]) -> None:
    """A table of the last few validations."""
    reporter.pause()
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for validation in log[-ROWS_SHOWN:]:
        table.add_row(*_cells(validation))
    # In a narrow window the terminal breaks the rows; rich would rather cut every number.
    reporter.show(table, TABLE_WIDTH)


def _cells(validation: Validation) -> list[str]:
    """A row of the table, under COLUMNS."""
    return [
        f"{validation.step:,}",
        _shown(validation.epoch, ".1f"),
        _shown(validation.valid_loss, ".3f"),
        _shown(validation.valid_perplexity, ".2f"),
        _shown(validation.bleu, ".1f"),
        _shown(validation.chrf, ".1f"),
        _shown(validation.learning_rate, ".2g"),
        "-" if validation.seconds is None else duration(validation.seconds),
        "best" if validation.best else "",
    ]


def _shown(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def show_example(reporter: Reporter, source: str, reference: str, hypothesis: str) -> None:
    """A sentence of the validation text and what was made of it; what would move a terminal is a space."""
    shown = {"source": source, "reference": reference, "hypothesis": hypothesis}
    reporter.say("".join(f"  {name:<10}  {printable(text)}\n" for name, text in shown.items()))

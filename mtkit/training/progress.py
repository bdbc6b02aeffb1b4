"""How training shows where it stands: sums since the last validation, the table of validations with example
translations.
"""

import math
import time
from dataclasses import dataclass, field

from rich.table import Table

from mtkit.reporter import Reporter

COLUMNS = ("step", "epoch", "loss", "ppl", "BLEU", "chrF", "rate", "time", "")
ROWS_SHOWN = 3
TABLE_WIDTH = 80


@dataclass
class Window:
    """Sums over the steps since the last validation.

    Attributes:
        negative: negative log-likelihood, nats.
        tokens: real target tokens.
        waited: seconds in which the processor waited for batches.
    """

    negative: float = 0.0
    tokens: float = 0.0
    steps: int = 0
    waited: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def add(self, negative: float, tokens: float, waited: float) -> None:
        """Count one step."""
        self.negative += negative
        self.tokens += tokens
        self.steps += 1
        self.waited += waited

    @property
    def loss(self) -> float:
        """Nats a token."""
        return self.negative / max(1.0, self.tokens)

    @property
    def seconds(self) -> float:
        return max(1e-9, time.monotonic() - self.began)


def duration(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def perplexity(loss: float) -> float:
    """exp of a loss in nats, bounded so that a diverged model shows a number."""
    return math.exp(min(loss, 99.0))


def show_validation(reporter: Reporter, rows: list[dict], examples: list[tuple[str, str, str]]) -> None:
    """The last few validations (rows of training/log.jsonl), and examples of (source, reference,
    hypothesis).
    """
    reporter.pause()
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for row in rows[-ROWS_SHOWN:]:
        table.add_row(
            f"{row['step']:,}",
            f"{row['epoch']:.1f}",
            f"{row['valid_loss']:.3f}",
            f"{row['valid_perplexity']:.2f}",
            f"{row['bleu']:.1f}",
            f"{row['chrf']:.1f}",
            f"{row['learning_rate']:.2g}",
            duration(row["seconds"]),
            "best" if row["best"] else "",
        )
    # In a narrow window the terminal breaks the rows; rich would rather cut every number.
    reporter.show(table, TABLE_WIDTH)
    for source, reference, hypothesis in examples:
        reporter.say(f"  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}\n")

"""What training says on stderr: a moving line on a terminal, plain lines elsewhere, a table at each validation."""

import time

from rich.console import Console
from rich.table import Table

PLAIN_SECONDS = 15.0
MOVING_SECONDS = 0.5


def duration(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


class Reporter:
    """Prints progress to stderr."""

    def __init__(self):
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status = self.console.status("") if self.console.is_terminal else None
        self._next = 0.0

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def due(self) -> bool:
        """Whether it is time for another progress line."""
        return time.monotonic() >= self._next

    def line(self, text: str) -> None:
        """A progress line: moves in place on a terminal."""
        self._next = time.monotonic() + (MOVING_SECONDS if self._status else PLAIN_SECONDS)
        if self._status:
            self._status.update(text)
            self._status.start()
        else:
            self.say(text)

    def pause(self) -> None:
        """Take the moving line away."""
        if self._status:
            self._status.stop()

    def validation(self, rows: list[dict], examples: list[tuple[str, str, str]]) -> None:
        """The validations so far (the last few), and examples of (source, reference, hypothesis)."""
        self.pause()
        table = Table(box=None, pad_edge=False)
        for name in ("step", "epoch", "loss", "ppl", "BLEU", "chrF", "rate", "time", ""):
            table.add_column(name, justify="right")
        for row in rows[-3:]:
            table.add_row(
                f"{row['step']:,}", f"{row['epoch']:.1f}", f"{row['valid_loss']:.3f}", f"{row['valid_perplexity']:.2f}",
                f"{row['bleu']:.1f}", f"{row['chrf']:.1f}", f"{row['learning_rate']:.2g}", duration(row["seconds"]),
                "best" if row["best"] else "",
            )
        self.console.print(table)
        for source, reference, hypothesis in examples:
            self.say(f"  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}\n")

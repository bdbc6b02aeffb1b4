"""What is said while something works: to nobody, or on stderr as one moving line or plain ones.

Whatever takes long takes a `Reporter`; there is no other way in mtkit to tell a caller how far it is.
"""

import copy
import functools
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PLAIN_SECONDS = 15.0
MOVING_SECONDS = 0.5
# Of what takes less no progress is shown.
QUIET_SECONDS = 3.0


class Reporter:
    """Says nothing. What a caller of the library listens with overrides these methods.

    Attributes:
        began: when it was made, on the monotonic clock, in seconds.
        busy_before: seconds of the processor that this process had used by then.
        moving: whether a progress line takes the place of the one before.
    """

    moving = False

    def __init__(self):
        self.began = time.monotonic()
        self.busy_before = time.process_time()
        self._tasks: dict[str, float] = {}

    def say(self, text: str, style: str | None = None) -> None:
        """A line that stays.

        Args:
            style: of rich, such as "bold"; where lines are plain it is left out.
        """

    def warn(self, text: str) -> None:
        """What may be wrong, while the work goes on."""
        self.say(f"warning: {text}", style="yellow")

    def show(self, table: "Table", width: int | None = None) -> None:
        """A table that stays.

        Args:
            width: in columns; that of the terminal where it is left out.
        """

    def due(self) -> bool:
        """Whether it is time for another progress line."""
        return False

    def line(self, text: str) -> None:
        """A progress line: where it can, it takes the place of the one before."""

    def share(self, task: str, done: float) -> None:
        """A progress line of what takes more than a moment, if one is due.

        Args:
            task: what goes on, such as "resampling".
            done: the share of it that is done, from 0 to 1.
        """
        began = self._tasks.setdefault(task, time.monotonic())
        if time.monotonic() - began > QUIET_SECONDS and self.due():
            self.line(f"{task}, {done:.0%}")

    def count(self, task: str, done: int, total: int | None = None, unit: str = "lines") -> None:
        """A progress line of what takes more than a moment, if one is due.

        Args:
            task: what goes on, such as "reading".
            done: how many of the unit are done; of 0 only what goes on is said.
            total: how many there are; None where nobody knows.
        """
        if time.monotonic() - self.began > QUIET_SECONDS and self.due():
            of_all = f" of {total:,}" if total else ""
            self.line(f"{task}: {done:,}{of_all} {unit}" if done else task)

    def pause(self) -> None:
        """Take the moving line away."""

    def anew(self) -> "Reporter":
        """The same, for work that begins now."""
        again = copy.copy(self)
        again.began, again.busy_before, again._tasks = time.monotonic(), time.process_time(), {}
        return again

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(self, *exception) -> None:
        self.pause()


class TerminalReporter(Reporter):
    """Prints to stderr. Results never go this way."""

    def __init__(self):
        super().__init__()
        self.moving = sys.stderr.isatty()
        self._next = 0.0

    @functools.cached_property
    def console(self) -> "Console":
        """Where all is printed; made when it is needed, since rich is slow to import."""
        from rich.console import Console

        return Console(stderr=True, highlight=False, soft_wrap=True)

    @functools.cached_property
    def _status(self):
        return self.console.status("")

    def say(self, text: str, style: str | None = None) -> None:
        if self.moving:
            self.console.print(text, markup=False, style=style)
        else:
            print(text, file=sys.stderr)

    def show(self, table: "Table", width: int | None = None) -> None:
        self.console.print(table, width=None if width is None else max(width, self.console.width))

    def due(self) -> bool:
        return time.monotonic() >= self._next

    def line(self, text: str) -> None:
        self._next = time.monotonic() + (MOVING_SECONDS if self.moving else PLAIN_SECONDS)
        if self.moving:
            self._status.update(text)
            self._status.start()
        else:
            self.say(text)

    def pause(self) -> None:
        if self.moving and "_status" in vars(self):
            self._status.stop()

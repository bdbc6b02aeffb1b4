"""What a command says on stderr while it works: one moving line on a terminal, plain lines elsewhere."""

import time

from rich.console import Console

PLAIN_SECONDS = 15.0
MOVING_SECONDS = 0.5


class Reporter:
    """Prints to stderr. Results never go this way.

    Args:
        quiet: say nothing.

    Attributes:
        began: when the command began to report, on the monotonic clock.
    """

    def __init__(self, quiet: bool = False):
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self._status = self.console.status("") if self.console.is_terminal else None
        self._next = 0.0
        self.began = time.monotonic()

    def say(self, text: str, style: str | None = None) -> None:
        """A line that stays."""
        self.console.print(text, markup=False, style=style)

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

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(self, *exception) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the moving line away."""
        if self._status:
            self._status.stop()

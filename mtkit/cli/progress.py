"""How far a command is."""

import time

from mtkit.reporter import Reporter

# Of what takes less no progress is shown.
QUIET_SECONDS = 3.0


def resampling(reporter: Reporter, share: float) -> None:
    """Say what share of what is drawn at random is done."""
    if time.monotonic() - reporter.began > QUIET_SECONDS and reporter.due():
        reporter.line(f"resampling, {share:.0%}")

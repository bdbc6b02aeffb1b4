"""A reporter that keeps what it is told."""

from mtkit.reporter import Reporter


class Listener(Reporter):
    """See `Reporter`.

    Attributes:
        said: the lines, warnings among them.
        shares: (task, what share of it is done).
    """

    def __init__(self):
        super().__init__()
        self.said, self.shares = [], []

    def say(self, text, style=None):
        self.said.append(text)

    def share(self, task, done):
        self.shares.append((task, done))

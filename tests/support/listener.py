"""A reporter that keeps what it is told."""

from mtkit.reporter import Reporter


class Listener(Reporter):
    """See `Reporter`.

    Attributes:
        said: the lines, warnings among them.
    """

    def __init__(self):
        super().__init__()
        self.said = []

    def say(self, text, style=None):
        self.said.append(text)

"""The sentences that stand before a line in its document, for a model that reads them too.

A document is lines up to a blank one. How the lines come, one by one or all at once, changes nothing: those
that came last go along to the next.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.translating.protect import Protection


@dataclass(frozen=True)
class PrecedingSentences:
    """Tells which sentences stand before lines.

    Attributes:
        most: so many; 0 none, where the model reads none.
        sentences: finds where they end.
        protection: what is taken out of a line that is translated, and so of those before it.
    """

    most: int
    sentences: SentenceSplitter
    protection: Protection | None

    def of(self, lines: Sequence[str], before: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """The last sentences of the lines before each line, the nearest last.

        Args:
            lines: one after the other.
            before: the lines before them, or at least the last `most`.
        """
        if not self.most:
            return [()] * len(lines)
        all_lines = [*before, *lines]
        recent: deque[list[str]] = deque(maxlen=self.most)
        contexts = []
        for line, sentences in zip(all_lines, self._sentences(all_lines), strict=True):
            contexts.append(tuple(chain.from_iterable(recent))[-self.most :])
            if line.strip():
                recent.append(sentences)
            else:
                recent.clear()
        return contexts[len(before) :]

    def going_along(self, before: Sequence[str], lines: Sequence[str]) -> Sequence[str]:
        """The lines that the lines behind these need, as their `before`.

        Args:
            before: the `before` of these lines.
        """
        return [*before, *lines][-self.most :] if self.most else ()

    def _sentences(self, lines: Sequence[str]) -> list[list[str]]:
        """The last sentences of each line."""
        texts = lines
        if self.protection:
            texts = [self.protection.take_out(line).text for line in lines]
        return [split.texts[-self.most :] for split in self.sentences.split(texts)]

"""An engine that searches by itself: lines in, hypotheses out, with no look into the search."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mtkit.search.hypothesis import Hypothesis, Ranking


class SearchingEngine(Protocol):
    """What does plain beam searches. Searches in several threads may use it at the same time.

    Attributes:
        name: of its kind, see engine_kind.py.
        parallel: how many searches are best run at the same time, each in a thread.
    """

    name: str
    parallel: int

    def takes(self, source: Sequence[int], longest: int) -> bool:
        """Whether a source is not too long, nor a hypothesis of so many tokens, END_ID not counted."""

    def search(
        self, sources: Sequence[Sequence[int]], width: int, longest: np.ndarray, ranking: Ranking
    ) -> list[list[Hypothesis]]:
        """The finished hypotheses of each sentence, best first; see `beam.beam_search`.

        Args:
            sources: their ids, without END_ID.
            width: of the beam.
            longest: int [B], most tokens of a hypothesis; what is longer is cut off.
        """

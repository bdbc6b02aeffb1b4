"""How long translations may become."""

from collections.abc import Sequence

import numpy as np

from mtkit.search.open_hypotheses import Limits
from mtkit.settings.search import Search

# Tokens that a translation may have beside max_length_factor times those of the source.
ROOM_TOKENS = 10


def length_limits(search: Search, sources: Sequence[Sequence[int]]) -> Limits:
    """The limits for the translation of each list of source ids."""
    lengths = np.array([len(ids) for ids in sources])
    shortest = np.maximum((search.min_length_factor * lengths).astype(int), search.min_length)
    longest = np.maximum((search.max_length_factor * lengths).astype(int) + ROOM_TOKENS, shortest)
    longest = np.minimum(longest, search.max_length or longest)
    return Limits(longest, np.minimum(shortest, longest) if shortest.any() else None)

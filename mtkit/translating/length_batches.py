"""The step that puts texts of similar length into batches, several of which are searched at the same time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Translation

# What a sentence counts as at least, for each hypothesis of its beam: the output layer has as much to do for
# a short one.
LEAST_TOKENS = 6


@dataclass(frozen=True)
class LengthBatches:
    """Puts texts into batches, by the number of their tokens; changes no translation.

    Attributes:
        most_tokens: of a batch, padding included.
        rows: hypotheses that are searched for a text.
        parallel: batches at the same time, each in a thread.
    """

    most_tokens: int
    rows: int
    parallel: int

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        places = sorted(range(len(texts)), key=lambda place: len(texts[place].ids))
        lengths = [max(len(texts[place].ids), LEAST_TOKENS * self.rows) for place in places]
        # Those that take longest come first, that no thread ends long after the others.
        batches = in_batches(places, lengths, self.most_tokens)[::-1]
        texts_of_batches = [[texts[place] for place in batch] for batch in batches]
        translations: dict[int, Translation] = {}
        with ThreadPoolExecutor(self.parallel) as pool:
            for batch, of_batch in zip(batches, pool.map(translate, texts_of_batches), strict=True):
                translations |= zip(batch, of_batch, strict=True)
        return [translations[place] for place in range(len(texts))]


def in_batches(places: Sequence[int], lengths: Sequence[int], most: int) -> list[list[int]]:
    """Places in batches of at most so many tokens, padding included, or of one place; lengths ascend."""
    batches: list[list[int]] = []
    for place, length in zip(places, lengths, strict=True):
        if batches and (len(batches[-1]) + 1) * length <= most:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches

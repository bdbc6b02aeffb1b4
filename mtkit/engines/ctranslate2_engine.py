"""Beam search by CTranslate2 (https://github.com/OpenNMT/CTranslate2), from what `mtkit export --to ctranslate2` wrote.

It does plain searches only. Which hypotheses it finishes does not depend on a length penalty, so it is asked for all of them, and
they are ranked as everywhere in mtkit.
"""

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np

from mtkit.errors import CheckpointError
from mtkit.search.beam import Hypothesis, Ranking, ranked
from mtkit.text.special import END_ID

# It ends a search when it has so many times the beam of finished hypotheses; with 1 it misses better ones in 3 lines of 100, with 2
# in less than 1 (docs/benchmarks.md).
PATIENCE = 2


class Ctranslate2Engine:
    """A model of CTranslate2. Searches in several threads may use it at the same time.

    Attributes:
        parallel: how many searches are best run at the same time, each in a thread.
        attends: whether its hypotheses come with attention.

    Args:
        folder: of the model.
        source, target: the pieces of the vocabularies.
        forbidden: tokens that no translation holds.
    """

    attends = False

    def __init__(self, folder: Path, source: Sequence[str], target: Sequence[str], forbidden: Sequence[int], parallel: int):
        self.parallel = parallel
        self._source = source
        self._ids = {piece: token for token, piece in enumerate(target)}
        self._never = [[target[token]] for token in forbidden]
        try:
            self._model = ctranslate2.Translator(str(folder), "cpu", inter_threads=parallel, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            raise CheckpointError(f"{folder} cannot be loaded ({error}); run 'mtkit export --to ctranslate2' again") from None

    def search(
        self, sources: Sequence[Sequence[int]], width: int, longest: np.ndarray, ranking: Ranking
    ) -> list[list[Hypothesis]]:
        """The finished hypotheses of each sentence, best first; see `beam.search`.

        The log-probability of a hypothesis is known as a whole alone: its tokens have equal shares of it.

        Args:
            sources: their ids, without END_ID.
            longest: int [B], most tokens of a hypothesis; what is longer is cut off.
        """
        found = self._model.translate_batch(
            [[self._source[token] for token in ids] for ids in sources],
            beam_size=width, num_hypotheses=width, patience=PATIENCE if width > 1 else 1, return_scores=True,
            return_end_token=True, suppress_sequences=self._never, max_input_length=0, max_decoding_length=int(longest.max()) + 1,
        )  # fmt: skip
        return [
            ranked([self._hypothesis(*each, most, ranking) for each in zip(one.hypotheses, one.scores, strict=True)])
            for one, most in zip(found, longest.tolist(), strict=True)
        ]

    def _hypothesis(self, pieces: list[str], score: float, most: int, ranking: Ranking) -> Hypothesis:
        """Of pieces, and their log-probability divided by their number."""
        ids = tuple(self._ids[piece] for piece in pieces)
        complete = ids[-1:] == (END_ID,) and len(ids) <= most + 1
        each = (score,) * min(len(ids), most + complete)
        ids = ids[:-1] if complete else ids[:most]
        return Hypothesis(ids, each, ranking.score(sum(each), len(each), None), complete)

"""Beam search by CTranslate2 (https://github.com/OpenNMT/CTranslate2), from what `mtkit export --to
ctranslate2` wrote.

It does plain searches only. It is asked for every hypothesis that it finished, and they are ranked as
everywhere in mtkit.
"""

from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np

from mtkit.errors import CheckpointError
from mtkit.search.hypothesis import Hypothesis, Ranking, ranked
from mtkit.text.special import END_ID

# It ends a search when it has so many times the beam of finished hypotheses; with 1 it misses better ones in
# 3 lines of 100, with 2 in less than 1 (docs/benchmarks.md).
PATIENCE = 2
# Positions of the longest text that an exported model takes, END_ID among them.
POSITIONS = 1024


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

    def __init__(
        self,
        folder: Path,
        source: Sequence[str],
        target: Sequence[str],
        forbidden: Sequence[int],
        parallel: int,
    ):
        self.parallel = parallel
        self._source = source
        self._ids = {piece: token for token, piece in enumerate(target)}
        self._never = [[target[token]] for token in forbidden]
        try:
            self._model = ctranslate2.Translator(str(folder), "cpu", inter_threads=parallel, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"{folder} cannot be loaded ({error}); run 'mtkit export --to ctranslate2' again"
            ) from None

    def takes(self, source: Sequence[int], longest: int) -> bool:
        """Whether there are positions for a source and a hypothesis of so many tokens, END_ID not counted."""
        return max(len(source), longest) < POSITIONS

    def search(
        self, sources: Sequence[Sequence[int]], width: int, longest: np.ndarray, ranking: Ranking
    ) -> list[list[Hypothesis]]:
        """The finished hypotheses of each sentence, best first; see `beam.beam_search`.

        Of one that is complete the log-probability is known as a whole alone: its tokens have equal shares of
        it.

        Args:
            sources: their ids, without END_ID.
            longest: int [B], most tokens of a hypothesis; what is longer is cut off.
        """
        pieces = [[self._source[token] for token in ids] for ids in sources]
        found = self._translate(pieces, width, int(longest.max()))
        # The longest of the batch is too long for others: where that made a difference they are searched by
        # themselves.
        longer = [
            any(len(one) > most + 1 for one in every.hypotheses)
            for every, most in zip(found, longest, strict=True)
        ]
        for most in np.unique(longest[longer]).tolist():
            rows = [row for row in np.flatnonzero(longer) if longest[row] == most]
            for row, every in zip(
                rows, self._translate([pieces[row] for row in rows], width, most), strict=True
            ):
                found[row] = every
        return [
            ranked(
                [
                    self._hypothesis(source, *each, ranking)
                    for each in zip(every.hypotheses, every.scores, strict=True)
                ]
            )
            for source, every in zip(pieces, found, strict=True)
        ]

    def _translate(self, pieces: list[list[str]], width: int, longest: int) -> list:
        patience = PATIENCE if width > 1 else 1
        return self._model.translate_batch(
            pieces,
            beam_size=width,
            num_hypotheses=patience * width,
            patience=patience,
            return_scores=True,
            return_end_token=True,
            suppress_sequences=self._never,
            max_input_length=0,
            max_decoding_length=longest + 1,
        )

    def _hypothesis(self, source: list[str], pieces: list[str], score: float, ranking: Ranking) -> Hypothesis:
        """Of pieces, and their log-probability divided by their number. Without END_ID the last one is one
        too many.
        """
        complete = self._ids[pieces[-1]] == END_ID
        each = (score,) * len(pieces)
        if not complete:
            pieces = pieces[:-1]
            (judged,) = self._model.score_batch([source], [pieces], max_input_length=0)
            each = tuple(judged.log_probs[: len(pieces)])
        ids = tuple(self._ids[piece] for piece in pieces[: len(each) - complete])
        return Hypothesis(ids, each, ranking.score(sum(each), len(each), None), complete)

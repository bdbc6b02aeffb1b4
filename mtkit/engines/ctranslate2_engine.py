"""Beam search by CTranslate2 (https://github.com/OpenNMT/CTranslate2), from what was exported to it.

It does plain searches only. It is asked for every hypothesis that it finished, and they are ranked as
everywhere in mtkit.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.engine_kind import INT8, EngineKind
from mtkit.engines.model_source import ModelSource
from mtkit.errors import CheckpointError, MtkitError, SettingsError
from mtkit.search.hypothesis import Hypothesis, Ranking, ranked
from mtkit.text.special import END_ID

PACKAGE = "ctranslate2"
# What `mtkit export` notes of it in a checkpoint directory.
STAGE = "ctranslate2"
# It ends a search when it has so many times the beam of finished hypotheses; with 1 it misses better ones in
# 3 lines of 100, with 2 in less than 1 (docs/benchmarks.md).
PATIENCE = 2
# Positions of the longest text that an exported model takes, END_ID among them, where its kind of positions
# must have an end.
MOST_POSITIONS = 1024
# How many it is, in the report of an export; None is any number.
LIMIT = "positions"
# It is chosen where it takes no more than this share of the time of mtkit's own engine.
WORTHWHILE_SHARE = 0.95


def open_engine(source: ModelSource, *, is_needed: bool) -> "Ctranslate2Engine | None":
    """The engine of an exported model; None where it cannot be had, and is not needed.

    Raises:
        SettingsError: the model is no Transformer, and it is needed.
        CheckpointError: these weights were not exported to it, or are damaged, and it is needed.
        MtkitError: the package is not installed, and it is needed.
    """
    checkpoint = source.checkpoint
    report = source.exported(STAGE)
    if not report:
        if is_needed:
            require_transformer(checkpoint.trained_model_settings()["model"])
            raise CheckpointError(
                f"{checkpoint.directory} holds no export of its {source.weights} weights to CTranslate2;"
                " run 'mtkit export --to ctranslate2'"
            )
        return None
    if not find_spec(PACKAGE):
        if is_needed:
            raise MtkitError(
                "--engine ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'"
            )
        return None
    folder = checkpoint.ctranslate2 / source.arithmetic
    try:
        checkpoint.verify(STAGE, folder.relative_to(checkpoint.directory).as_posix())
        source.check_int8(STAGE, report)
        limit = report.get(LIMIT, MOST_POSITIONS)
        return Ctranslate2Engine(folder, source.tokenizers, source.parallel, limit)
    except CheckpointError as error:
        if is_needed:
            raise
        source.reporter.warn(f"{error}; using another engine instead")
        return None


def is_worthwhile(source: ModelSource, beam: int) -> bool:
    """Whether it was clearly faster than mtkit's own engine when the weights were exported to it."""
    report = source.exported(STAGE)
    time_shares = report["time"] if report else {}
    return time_shares.get(kind_of_search(beam, source.arithmetic), 1.0) <= WORTHWHILE_SHARE


def kind_of_search(beam: int, precision: str) -> str:
    """What an export to CTranslate2 measures apart."""
    return f"{'greedy' if beam == 1 else 'beam'} {precision}"


def require_transformer(family: str) -> None:
    """Raise SettingsError for a model of another family."""
    if family != "transformer":
        raise SettingsError(f"CTranslate2 runs Transformers only, and this is --model {family}")


class Ctranslate2Engine:
    """A model of CTranslate2; see `SearchingEngine`.

    Args:
        folder: of the model.
        limit: positions of the longest text that it takes, END_ID among them; None for any number.
    """

    name = "ctranslate2"

    def __init__(
        self, folder: Path, tokenizers: Tokenizers, parallel: int = 1, limit: int | None = MOST_POSITIONS
    ):
        import ctranslate2

        self.parallel = parallel
        self._limit = limit
        self._source_pieces = tokenizers.source.pieces(range(tokenizers.source.size))
        target_pieces = tokenizers.target.pieces(range(tokenizers.target.size))
        self._ids = {piece: token for token, piece in enumerate(target_pieces)}
        self._forbidden = [[target_pieces[token]] for token in tokenizers.target.forbidden]
        try:
            self._model = ctranslate2.Translator(
                str(folder), "cpu", inter_threads=self.parallel, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"{folder} cannot be loaded ({error}); run 'mtkit export --to ctranslate2' again"
            ) from None

    def takes(self, source: Sequence[int], longest: int) -> bool:
        """See `SearchingEngine`: whether there are positions for both."""
        return self._limit is None or max(len(source), longest) < self._limit

    def search(
        self, sources: Sequence[Sequence[int]], width: int, longest: np.ndarray, ranking: Ranking
    ) -> list[list[Hypothesis]]:
        """See `SearchingEngine`.

        Of a hypothesis that is complete the log-probability is known as a whole alone: its tokens have equal
        shares of it.
        """
        pieces = [[self._source_pieces[token] for token in ids] for ids in sources]
        results = self._translate(pieces, width, int(longest.max()))
        # The longest of the batch is too long for others: those for which that made a difference are searched
        # by themselves.
        too_long = [
            any(len(tokens) > most + 1 for tokens in result.hypotheses)
            for result, most in zip(results, longest, strict=True)
        ]
        for most in np.unique(longest[too_long]).tolist():
            rows = [row for row in np.flatnonzero(too_long) if longest[row] == most]
            shorter = self._translate([pieces[row] for row in rows], width, most)
            for row, result in zip(rows, shorter, strict=True):
                results[row] = result
        return [self._ranked(source, result, ranking) for source, result in zip(pieces, results, strict=True)]

    def _translate(self, pieces: list[list[str]], width: int, longest: int) -> list:
        patience = PATIENCE if width > 1 else 1
        return self._model.translate_batch(
            pieces,
            beam_size=width,
            num_hypotheses=patience * width,
            patience=patience,
            return_scores=True,
            return_end_token=True,
            suppress_sequences=self._forbidden,
            max_input_length=0,
            max_decoding_length=longest + 1,
        )

    def _ranked(self, source: list[str], result, ranking: Ranking) -> list[Hypothesis]:
        """The hypotheses of a result of CTranslate2, best first."""
        pairs = zip(result.hypotheses, result.scores, strict=True)
        return ranked([self._hypothesis(source, pieces, score, ranking) for pieces, score in pairs])

    def _hypothesis(self, source: list[str], pieces: list[str], score: float, ranking: Ranking) -> Hypothesis:
        """Of pieces, and their log-probability divided by their number.

        Without END_ID the last piece is one too many.
        """
        complete = self._ids[pieces[-1]] == END_ID
        log_probabilities = (score,) * len(pieces)
        if not complete:
            pieces = pieces[:-1]
            (judgement,) = self._model.score_batch([source], [pieces], max_input_length=0)
            log_probabilities = tuple(judgement.log_probs[: len(pieces)])
        ids = tuple(self._ids[piece] for piece in pieces[: len(log_probabilities) - complete])
        score = ranking.score(sum(log_probabilities), len(log_probabilities), None)
        return Hypothesis(ids, log_probabilities, score, complete=complete)


CTRANSLATE2 = EngineKind(
    name="ctranslate2",
    title="CTranslate2",
    abilities=frozenset({INT8}),
    open=open_engine,
    stage=STAGE,
    package=PACKAGE,
    is_worthwhile=is_worthwhile,
)

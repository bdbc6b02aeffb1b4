"""What `prepare` would drop, and what every other kind would find: a look at a corpus before the work."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.cleaner import BY_CORPUS, INVALID, Cleaner
from mtkit.data.encoding import LENGTHS_SAMPLE
from mtkit.data.evaluation import CHUNK_PAIRS, hashes_of_text
from mtkit.data.inputs import open_inputs
from mtkit.data.mixture import check_inputs
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.vocabulary import check_borrowing
from mtkit.errors import MtkitError
from mtkit.reporter import Reporter
from mtkit.settings.prepare import KINDS, PrepareSettings
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths
from mtkit.text.rules import pair_rules

EXAMPLES = 3
# What became of a pair, a byte each.
_FIT, _UNFIT, _DAMAGED = 0, 1, 2


@dataclass
class PairsOfKind:
    """Pairs of one kind.

    Attributes:
        count: how many there are.
        alone: how many of them are of no kind that is dropped, or of this one alone of these.
        examples: the first ones of those; of all where there are none.
    """

    count: int = 0
    alone: int = 0
    examples: list[SentencePair] = field(default_factory=list)

    def add(self, pair: SentencePair, *, alone: bool) -> None:
        """Count a pair, and maybe keep it as an example."""
        self.count += 1
        if alone and self.alone < EXAMPLES:
            self.examples.insert(self.alone, pair)
        elif len(self.examples) < EXAMPLES:
            self.examples.append(pair)
        self.alone += alone
        del self.examples[EXAMPLES:]


@dataclass(frozen=True)
class Preview:
    """A training text, looked at.

    Attributes:
        read: its pairs.
        kinds: what there is of every kind; a pair may be of several.
        dropped: the kinds that the settings drop.
        left: pairs of none of these.
        passed_over: kinds that could not be looked for, each with the reason.
    """

    read: int
    kinds: dict[str, PairsOfKind]
    dropped: tuple[str, ...]
    left: int
    passed_over: dict[str, str]


def preview(settings: PrepareSettings, reporter: Reporter | None = None) -> Preview:
    """Look at the training text.

    Nothing is written but the file of `rejects`, with a row for every kind of each pair.

    Raises:
        SettingsError, InputError: as `prepare`.
        MtkitError: a kind that is to be dropped lacks its package.
    """
    reporter = reporter or Reporter()
    check_inputs(settings)
    if settings.from_:
        check_borrowing(settings, Checkpoint(Path(settings.from_)))
    inputs = open_inputs(settings)
    evaluation = {part: hashes_of_text(corpora) for part, corpora in inputs.evaluation.items()}
    possible, passed_over = _possible(settings, evaluation)
    with tempfile.TemporaryDirectory() as folder, Rejects(settings.rejects) as rejects:
        look = Look(settings, possible, evaluation, Path(folder), rejects)
        for corpus in inputs.training:
            for pairs in chunks(corpus.pairs, CHUNK_PAIRS):
                look.add(pairs)
                reporter.count("looking", look.read, unit="pairs")
        look.find_unusual_lengths()
        rejects.commit()
    return Preview(look.read, look.kinds, settings.dropped_kinds, look.left, passed_over)


class Look:
    """The pairs of the training text, judged by every kind.

    Attributes:
        kinds: what there is of every kind.
    """

    def __init__(
        self,
        settings: PrepareSettings,
        possible: list[str],
        evaluation: dict[str, np.ndarray],
        folder: Path,
        rejects: Rejects,
    ):
        self.kinds = {kind: PairsOfKind() for kind in (INVALID, *possible)}
        self._dropped = {INVALID, *settings.dropped_kinds}
        self._all_kinds = Cleaner(possible, settings.languages, evaluation)
        self._dropping = Cleaner(settings.dropped_kinds, settings.languages, evaluation)
        self._all_pairs = Spool(folder / "all")
        self._fit_pairs = Spool(folder / "fit")
        self._states = bytearray()
        self._rejects = rejects

    @property
    def read(self) -> int:
        """Pairs so far."""
        return self._all_pairs.pairs

    @property
    def left(self) -> int:
        """Pairs that are not dropped."""
        return self._states.count(_FIT)

    def add(self, pairs: list[SentencePair]) -> None:
        """Judge the next pairs."""
        for pair, kinds in zip(pairs, self._all_kinds.kinds(pairs, all_kinds=True), strict=True):
            for kind in kinds:
                self.kinds[kind].add(pair, alone=not self._dropped.intersection(kinds) - {kind})
                self._rejects.add(kind, pair)
        states = bytes(_state(reasons) for reasons in self._dropping.kinds(pairs))
        self._states += states
        self._all_pairs.append(pairs)
        self._fit_pairs.append(pair for pair, state in zip(pairs, states, strict=True) if state == _FIT)

    def find_unusual_lengths(self) -> None:
        """Judge all pairs by what is usual among those that are fit."""
        usual = Lengths.of(pair for _, pair in self._fit_pairs.sample(LENGTHS_SAMPLE))
        for index, pair in enumerate(self._all_pairs):
            if self._states[index] != _DAMAGED and usual.unusual(pair):
                self.kinds[BY_CORPUS].add(pair, alone=self._states[index] == _FIT)
                self._rejects.add(BY_CORPUS, pair)
                self._states[index] |= BY_CORPUS in self._dropped


def _state(reasons: list[str]) -> int:
    if not reasons:
        return _FIT
    return _DAMAGED if reasons == [INVALID] else _UNFIT


def _possible(
    settings: PrepareSettings, evaluation: dict[str, np.ndarray]
) -> tuple[list[str], dict[str, str]]:
    """The kinds that can be looked for; and those that cannot, which must not be dropped, with the reason."""
    possible, passed_over = [], {}
    for kind in KINDS:
        if kind == "leaked" and not any(map(len, evaluation.values())):
            passed_over[kind] = (
                "neither --valid nor --test names text; what is split off is looked for in the real run"
            )
            continue
        try:
            pair_rules([kind], settings.languages)
        except MtkitError as error:
            if kind in settings.dropped_kinds:
                raise
            passed_over[kind] = str(error).split(";")[0].partition(", or ")[0]
        else:
            possible.append(kind)
    return possible, passed_over

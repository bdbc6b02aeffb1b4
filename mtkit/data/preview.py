"""What `prepare` would drop, and what every other kind would find: a look at a corpus before anything is made
of it.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.cleaner import BY_CORPUS, INVALID, Cleaner
from mtkit.data.encoding import LENGTHS_SAMPLE
from mtkit.data.evaluation import CHUNK_PAIRS, EVALUATION_PARTS
from mtkit.data.inputs import evaluation_text, mixture, spare_what_is_read
from mtkit.data.mixture import check
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.vocabulary import Progress, check_borrowing
from mtkit.errors import MtkitError
from mtkit.settings import PrepareSettings
from mtkit.settings.prepare import KINDS
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths
from mtkit.text.rules import pair_rules

EXAMPLES = 3
_FIT, _UNFIT, _DAMAGED = 0, 1, 2


@dataclass
class Found:
    """Pairs of one kind.

    Attributes:
        count: how many there are.
        besides: how many of them are of no kind that is dropped, or of this one alone of these.
        examples: the first ones of those; of all where there are none.
    """

    count: int = 0
    besides: int = 0
    examples: list[SentencePair] = field(default_factory=list)

    def add(self, pair: SentencePair, besides: bool) -> None:
        self.count += 1
        if besides and self.besides < EXAMPLES:
            self.examples.insert(self.besides, pair)
        elif len(self.examples) < EXAMPLES:
            self.examples.append(pair)
        self.besides += besides
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
    kinds: dict[str, Found]
    dropped: tuple[str, ...]
    left: int
    passed_over: dict[str, str]


def preview(settings: PrepareSettings, progress: Progress | None = None) -> Preview:
    """Look at the training text. Nothing is written but the file of `rejects`, with a row for every kind of
    each pair.

    Raises:
        SettingsError, InputError: as `prepare`.
        MtkitError: a kind that is to be dropped lacks its package.
    """
    progress = progress or (lambda what, done, total: None)
    check(settings)
    if settings.from_:
        check_borrowing(settings, Checkpoint(Path(settings.from_)))
    corpora = mixture(settings)
    evaluation = {part: evaluation_text(settings, part) for part in EVALUATION_PARTS}
    evaluation = {part: given for part, given in evaluation.items() if isinstance(given, list)}
    spare_what_is_read(
        settings.rejects, [*(corpus for _, corpus in corpora), *chain.from_iterable(evaluation.values())]
    )
    known = {part: _hashes(given) for part, given in evaluation.items()}
    languages = settings.source_language, settings.target_language
    possible, passed_over = _possible(settings, languages, known)
    found = {kind: Found() for kind in (INVALID, *possible)}
    dropped = {INVALID, *settings.dropped_kinds}
    everything, dropping = (
        Cleaner(possible, languages, known),
        Cleaner(settings.dropped_kinds, languages, known),
    )
    with tempfile.TemporaryDirectory() as folder, Rejects(settings.rejects) as rejects:
        every, fit = Spool(Path(folder) / "every"), Spool(Path(folder) / "fit")
        unfit = bytearray()
        for _, corpus in corpora:
            for pairs in chunks(corpus, CHUNK_PAIRS):
                reasons = dropping.kinds(pairs)
                for pair, kinds in zip(pairs, everything.kinds(pairs, every=True), strict=True):
                    for kind in kinds:
                        found[kind].add(pair, not dropped.intersection(kinds) - {kind})
                        rejects.add(kind, pair)
                unfit += bytes(
                    _FIT if not own else _DAMAGED if own == [INVALID] else _UNFIT for own in reasons
                )
                every.append(pairs)
                fit.append(pair for pair, own in zip(pairs, reasons, strict=True) if not own)
                progress("looking", every.pairs, None)
        usual = Lengths.of(pair for _, pair in fit.sample(LENGTHS_SAMPLE))
        for index, pair in enumerate(every):
            if unfit[index] != _DAMAGED and usual.unusual(pair):
                found[BY_CORPUS].add(pair, unfit[index] == _FIT)
                rejects.add(BY_CORPUS, pair)
                unfit[index] |= BY_CORPUS in dropped
        left = unfit.count(_FIT)
        rejects.commit()
    return Preview(every.pairs, found, settings.dropped_kinds, left, passed_over)


def _hashes(corpora: list[Iterable[SentencePair]]) -> np.ndarray:
    """The `cleaning.evaluation_hashes` of evaluation text."""
    every = [cleaning.evaluation_hashes(pairs) for corpus in corpora for pairs in chunks(corpus, CHUNK_PAIRS)]
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *every]))


def _possible(
    settings: PrepareSettings, languages: tuple[str, str], known: dict[str, np.ndarray]
) -> tuple[list[str], dict[str, str]]:
    """The kinds that can be looked for, and those that cannot, with the reason; one that is to be dropped
    must be.
    """
    possible, passed_over = [], {}
    for kind in KINDS:
        if kind == "leaked" and not any(map(len, known.values())):
            passed_over[kind] = (
                "neither --valid nor --test names text; what is split off is looked for in the real run"
            )
            continue
        try:
            pair_rules([kind], languages)
        except MtkitError as error:
            if kind in settings.dropped_kinds:
                raise
            passed_over[kind] = str(error).split(";")[0].partition(", or ")[0]
        else:
            possible.append(kind)
    return possible, passed_over

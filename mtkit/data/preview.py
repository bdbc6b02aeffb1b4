"""What `prepare` would drop, and what every other kind would find: a look at a corpus before anything is made of it."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mtkit.data.cleaner import BY_CORPUS, INVALID, Cleaner
from mtkit.data.encoding import LENGTHS_SAMPLE
from mtkit.data.evaluation import CHUNK_PAIRS, EVALUATION_PARTS, evaluation_text
from mtkit.data.mixture import check, mixture
from mtkit.data.spool import Rejects, Spool, chunks
from mtkit.data.vocabulary import Progress
from mtkit.errors import MtkitError
from mtkit.settings import PrepareSettings
from mtkit.settings.prepare import KINDS
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths
from mtkit.text.rules import pair_rules

EXAMPLES = 3


@dataclass
class Found:
    """Pairs of one kind.

    Attributes:
        count: how many there are.
        examples: the first ones.
    """

    count: int = 0
    examples: list[SentencePair] = field(default_factory=list)

    def add(self, pair: SentencePair) -> None:
        self.count += 1
        if self.count <= EXAMPLES:
            self.examples.append(pair)


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
    """Look at the training text. Nothing is written but the file of `rejects`, with a row for every kind of each pair.

    Raises:
        SettingsError, InputError: as `prepare`.
        MtkitError: a kind that is to be dropped lacks its package.
    """
    progress = progress or (lambda what, done, total: None)
    check(settings)
    corpora = mixture(settings)
    known = {part: _hashes(evaluation_text(settings, part)) for part in EVALUATION_PARTS}
    languages = settings.source_language, settings.target_language
    possible, passed_over = _possible(settings, languages)
    cleaner = Cleaner(possible, languages, known)
    found = {kind: Found() for kind in (INVALID, *possible)}
    read = left = 0
    with tempfile.TemporaryDirectory() as folder, Rejects(settings.rejects) as rejects:
        spool = Spool(Path(folder) / "spool")
        unfit = bytearray()
        for _, corpus in corpora:
            for pairs in chunks(corpus, CHUNK_PAIRS):
                for pair, kinds in zip(pairs, cleaner.kinds(pairs, every=True), strict=True):
                    for kind in kinds:
                        found[kind].add(pair)
                        rejects.add(kind, pair)
                    unfit.append(any(kind == INVALID or kind in settings.dropped_kinds for kind in kinds))
                spool.append(pairs)
                progress("looking", spool.pairs, None)
        read = spool.pairs
        usual = Lengths.of(pair for index, pair in spool.sample(LENGTHS_SAMPLE) if not unfit[index])
        for index, pair in enumerate(spool):
            if not pair.damaged and usual.unusual(pair):
                found[BY_CORPUS].add(pair)
                rejects.add(BY_CORPUS, pair)
                unfit[index] |= BY_CORPUS in settings.dropped_kinds
        left = read - sum(unfit)
        rejects.commit()
    return Preview(read, found, settings.dropped_kinds, left, passed_over)


def _hashes(given: list[Iterable[SentencePair]] | int | None) -> np.ndarray:
    """The `cleaning.evaluation_hashes` of evaluation text; of none where it is to be split off."""
    corpora = given if isinstance(given, list) else []
    every = [cleaning.evaluation_hashes(pairs) for corpus in corpora for pairs in chunks(corpus, CHUNK_PAIRS)]
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *every]))


def _possible(settings: PrepareSettings, languages: tuple[str, str]) -> tuple[list[str], dict[str, str]]:
    """The kinds that can be looked for, and those that cannot, with the reason; one that is to be dropped must be."""
    possible, passed_over = [], {}
    for kind in KINDS:
        try:
            pair_rules([kind], languages)
        except MtkitError as error:
            if kind in settings.dropped_kinds:
                raise
            passed_over[kind] = str(error).split(";")[0].partition(", or ")[0]
        else:
            possible.append(kind)
    return possible, passed_over

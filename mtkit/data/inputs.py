"""What the user names for `prepare` to read, opened: corpora of the training text, and evaluation text."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from mtkit.data.evaluation import EVALUATION_PARTS
from mtkit.data.mixture import Ingredient, ingredient
from mtkit.errors import SettingsError
from mtkit.formats.opening import open_corpus
from mtkit.settings.prepare import PrepareSettings
from mtkit.text.corpus import SentencePair

# In the place of a number of pairs: as many as are fit, which is a twentieth of the training text, but not
# more than is needed for a steady score.
AUTOMATIC = -1
AUTOMATIC_PART, MOST_AUTOMATIC_PAIRS = 20, 1000


class TrainingCorpus(NamedTuple):
    """A corpus of the training text, and its pairs, which may be read once."""

    ingredient: Ingredient
    pairs: Iterable[SentencePair]


@dataclass(frozen=True)
class Inputs:
    """All that is read.

    Attributes:
        training: the corpora of the training text.
        evaluation: the corpora of each part (valid, test) that is given as text.
        split_off: how many pairs of the training text each other part gets; AUTOMATIC, or a number.
    """

    training: list[TrainingCorpus]
    evaluation: dict[str, list[Iterable[SentencePair]]]
    split_off: dict[str, int]

    def pairs_to_split_off(self, pairs: int) -> dict[str, int]:
        """How many of so many pairs of training text each part gets."""
        automatic = min(MOST_AUTOMATIC_PAIRS, pairs // AUTOMATIC_PART)
        return {part: automatic if count == AUTOMATIC else count for part, count in self.split_off.items()}


def open_inputs(settings: PrepareSettings) -> Inputs:
    """What the settings name, opened.

    Raises:
        SettingsError: details of a corpus that are none; valid or test that is neither corpora nor one
            number; a number where context is read; or the file for dropped pairs is one of those that are
            read.
        InputError: a corpus is not there.
    """
    training = [_training_corpus(settings, spec) for spec in settings.train]
    evaluation, split_off = {}, {}
    for part in EVALUATION_PARTS:
        count = _count_to_split_off(settings, part)
        if count is None:
            evaluation[part] = [_evaluation_corpus(settings, part, spec) for spec in getattr(settings, part)]
        elif count != 0:
            split_off[part] = count
    if settings.context and split_off:
        part = next(iter(split_off))
        raise SettingsError(
            f"--context: pairs that are split off for {part} have no sentences before them; name a text in"
            f" order with --{part} CORPUS, or give --{part} 0"
        )
    if settings.rejects:
        for pairs in chain((corpus.pairs for corpus in training), *evaluation.values()):
            _spare_what_is_read(Path(settings.rejects), pairs)
    return Inputs(training, evaluation, split_off)


def _training_corpus(settings: PrepareSettings, spec: str) -> TrainingCorpus:
    named = ingredient(spec)
    return TrainingCorpus(named, _open(settings, named.name, settings.invalid_utf8))


def _evaluation_corpus(settings: PrepareSettings, part: str, spec: str) -> Iterable[SentencePair]:
    """A corpus that stays whole: a line that is not UTF-8 always stops."""
    if ingredient(spec, f"--{part}").name != spec:
        raise SettingsError(
            f"--{part} {spec!r}: weight and tag are for --train; {part} is as people write it"
        )
    return _open(settings, spec, "stop")


def _open(settings: PrepareSettings, name: str, invalid_utf8: str) -> Iterable[SentencePair]:
    return open_corpus(
        name,
        *settings.languages,
        invalid_utf8=invalid_utf8,
        keep_codes=settings.inline_codes == "keep",
    )


def _count_to_split_off(settings: PrepareSettings, part: str) -> int | None:
    """The number of pairs given for valid or test, AUTOMATIC or 0; None where corpora are given.

    Raises:
        SettingsError: neither corpora nor one number.
    """
    specs = getattr(settings, part)
    numbers = [spec for spec in specs if spec.removeprefix("-").isdecimal()]
    if not specs:
        return AUTOMATIC if part == "valid" else 0
    if specs == ("0",):
        return 0
    if any(int(number) < 1 for number in numbers):
        raise SettingsError(
            f"--{part} takes at least 1 pair, or 0 alone for none. Received: {' '.join(specs)}"
        )
    if numbers and len(specs) > 1:
        raise SettingsError(
            f"--{part} takes corpora or one number of pairs, not both. Received: {' '.join(specs)}"
        )
    return int(numbers[0]) if numbers else None


def _spare_what_is_read(rejects: Path, corpus: Iterable[SentencePair]) -> None:
    """Raise SettingsError where the file to write dropped pairs to is one that a corpus reads."""
    for name in ("source", "target", "path"):
        file = getattr(corpus, name, None)
        if file and rejects.exists() and file.exists() and os.path.samefile(rejects, file):
            raise SettingsError(f"--rejects {rejects} is read too, and would be lost; name another file")

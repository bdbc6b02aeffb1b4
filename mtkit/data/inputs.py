"""What the user names for `prepare` to read, opened: the corpora of the training text, and the evaluation
text.
"""

import os
from collections.abc import Iterable

from mtkit.data.mixture import Ingredient, ingredient
from mtkit.errors import SettingsError
from mtkit.formats.opening import open_corpus
from mtkit.settings import PrepareSettings
from mtkit.text.corpus import SentencePair

# In the place of a number of pairs: as many as are fit.
AUTOMATIC = -1


def mixture(settings: PrepareSettings) -> list[tuple[Ingredient, Iterable[SentencePair]]]:
    """The corpora of the training text, opened.

    Raises:
        SettingsError: details that are none.
        InputError: one is not there.
    """
    languages = settings.source_language, settings.target_language
    ingredients = [ingredient(spec) for spec in settings.train]
    keep_codes = settings.inline_codes == "keep"
    return [
        (one, open_corpus(one.name, *languages, invalid_utf8=settings.invalid_utf8, keep_codes=keep_codes))
        for one in ingredients
    ]


def spare_what_is_read(name: str | None, corpora: Iterable[Iterable[SentencePair]]) -> None:
    """Raise SettingsError where the file to write dropped pairs to is one of those that are read."""
    for corpus in corpora:
        for file in (getattr(corpus, part, None) for part in ("source", "target", "path")):
            if name and file and os.path.exists(name) and file.exists() and os.path.samefile(name, file):
                raise SettingsError(f"--rejects {name} is read too, and would be lost; name another file")


def evaluation_text(settings: PrepareSettings, part: str) -> list[Iterable[SentencePair]] | int | None:
    """The corpora given for valid or test, or the number of pairs to split off (AUTOMATIC: as many as are
    fit), or None.

    Raises:
        SettingsError: neither corpora nor one number.
        InputError: a corpus that is not there.
    """
    specs = getattr(settings, part)
    numbers = [spec for spec in specs if spec.removeprefix("-").isdecimal()]
    if not specs and part == "valid":
        return AUTOMATIC
    if not specs or specs == ("0",):
        return None
    if any(int(number) < 1 for number in numbers):
        raise SettingsError(
            f"--{part} takes at least 1 pair, or 0 alone for none. Received: {' '.join(specs)}"
        )
    if not numbers:
        return [evaluation_corpus(settings, part, spec) for spec in specs]
    if len(specs) > 1:
        raise SettingsError(
            f"--{part} takes corpora or one number of pairs, not both. Received: {' '.join(specs)}"
        )
    return int(numbers[0])


def evaluation_corpus(settings: PrepareSettings, part: str, spec: str) -> Iterable[SentencePair]:
    """A corpus that stays whole: a line that is not UTF-8 always stops."""
    one = ingredient(spec)
    if one.name != spec:
        raise SettingsError(
            f"--{part} {spec!r}: weight and tag are for --train; {part} is as people write it"
        )
    return open_corpus(
        one.name,
        settings.source_language,
        settings.target_language,
        keep_codes=settings.inline_codes == "keep",
    )

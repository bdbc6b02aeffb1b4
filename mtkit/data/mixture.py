"""What the training text is mixed from: corpora, each with a weight and maybe a tag."""

import re
from dataclasses import dataclass
from pathlib import Path

from mtkit.data.store import SIDES
from mtkit.errors import SettingsError
from mtkit.settings.prepare import PrepareSettings
from mtkit.text.special import TAG_NAME

MOST_WEIGHT = 1000.0
_LANGUAGE = re.compile(r"\w+([.-]\w+)*")
_DETAIL = re.compile(r"\s+(weight|tag)=([^\s/]*)\Z")
# A mistyped detail, which would else be taken for part of a file name. What goes on in a folder, or with a
# second file, is a name.
_MEANT = re.compile(r"\s+(\w+)=[^\s/,]*\Z")


@dataclass(frozen=True)
class Ingredient:
    """One corpus of the training text.

    Attributes:
        name: as the user gave it, without the details.
        weight: how often an epoch has each of its pairs; of a fraction so many pairs, evenly spread, are seen
            once more.
        tag: what the source of each of its pairs begins with (Caswell et al. 2019, arXiv:1906.06442), or
            nothing.
    """

    name: str
    weight: float = 1.0
    tag: str = ""

    def copies(self, index: int) -> int:
        """How often an epoch has the pair with this index, from 0."""
        return int((index + 1) * self.weight) - int(index * self.weight)


def ingredient(spec: str, option: str = "--train") -> Ingredient:
    """An ingredient as the command line has it: 'memory.tmx', or 'web.tsv weight=0.5 tag=web'.

    Args:
        option: that names it, for error messages.

    Raises:
        SettingsError: a detail that is none, twice, or out of range.
    """
    name, details = spec.rstrip(), {}
    if Path(spec).exists():
        return Ingredient(spec)
    while detail := _DETAIL.search(name):
        if detail[1] in details:
            raise SettingsError(f"{option} {spec!r}: {detail[1]} is given twice")
        details[detail[1]] = detail[2]
        name = name[: detail.start()]
    if meant := _MEANT.search(name):
        raise SettingsError(
            f"{option} {spec!r}: a corpus has a weight=NUMBER and a tag=NAME, and no {meant[1]}"
        )
    if not name.strip():
        raise SettingsError(f"{option} {spec!r} names no corpus")
    tag = details.get("tag", "")
    if "tag" in details and not TAG_NAME.fullmatch(tag):
        raise SettingsError(f"{option} {spec!r}: a tag is made of letters, digits, - and _")
    return Ingredient(name, _weight(details.get("weight", "1"), f"{option} {spec!r}"), tag)


def _weight(text: str, where: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= MOST_WEIGHT:
        raise SettingsError(f"{where}: a weight is a number above 0, and at most {MOST_WEIGHT:g}")
    return weight


def tags_of(settings: PrepareSettings) -> tuple[str, ...]:
    """The tags of the training text, each once."""
    tags = (ingredient(spec).tag for spec in settings.train)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def check_inputs(settings: PrepareSettings) -> None:
    """Raise SettingsError where there is no training text, or a language is missing or none."""
    if not settings.train:
        raise SettingsError(
            "no training text: add --train CORPUS, for example --train data/train for data/train.en and .de"
        )
    for side in SIDES:
        language = getattr(settings, f"{side}_language")
        if not language:
            raise SettingsError(
                f"no {side} language: add --source-language CODE and --target-language CODE, for example en"
                " and de"
            )
        if not _LANGUAGE.fullmatch(language):
            raise SettingsError(f"--{side}-language is a code such as en or pt-BR. Received: {language!r}")

"""How likely a model finds given translations, in units that compare across vocabularies."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mtkit.checkpoint import Checkpoint
from mtkit.settings import TranslateSettings
from mtkit.translating.loading import load_translator


@dataclass(frozen=True)
class Perplexity:
    """That of a text under a model: e to the negative log-probability of a unit.

    The end of each sentence is one of its tokens, and counts as a word and as a byte: the newline.

    Attributes:
        log_probabilities: of each line, in nats; None for a line whose source is blank, which no model is
            asked about.
        tokens, words, bytes: of the lines that count; words as spaces part them, bytes of UTF-8.
    """

    log_probabilities: list[float | None]
    tokens: int
    words: int
    bytes: int

    @property
    def log_probability(self) -> float:
        """Of all lines."""
        return math.fsum(line for line in self.log_probabilities if line is not None)

    def per(self, units: int) -> float | None:
        """The perplexity per unit; None where there is none."""
        return math.exp(min(-self.log_probability / units, 700.0)) if units else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the sum of the log-probabilities, the units, and the perplexities."""
        counts = {name: value for name, value in asdict(self).items() if name != "log_probabilities"}
        perplexities = {f"per_{name[:-1]}": self.per(units) for name, units in counts.items()}
        return {"log_probability": self.log_probability, **counts, **perplexities}


def perplexity(
    checkpoint: Checkpoint, search: TranslateSettings, sources: Sequence[str], references: Sequence[str]
) -> Perplexity:
    """The perplexity of the references under the model, by forced decoding.

    Args:
        search: the weights, the engine and its precision; that of CTranslate2 gives no probabilities, and
            another takes its place.
        references: of each source.
    """
    engine = "auto" if search.engine == "ctranslate2" else search.engine
    # The name of the file is for messages about it.
    settings = replace(search, engine=engine, beam=1, n_best=1, force_reference="the references")
    translator = load_translator(checkpoint, settings)
    asked = [place for place, source in enumerate(sources) if source.strip()]
    results = translator.translate(
        [sources[place] for place in asked], prefixes=[references[place] for place in asked]
    )
    log_probabilities: list[float | None] = [None] * len(sources)
    tokens = words = size = 0
    for place, result in zip(asked, results, strict=True):
        hypothesis = result.best.hypothesis
        log_probabilities[place] = hypothesis.log_probability
        tokens += len(hypothesis.token_log_probabilities)
        words += len(references[place].split()) + 1
        size += len(references[place].encode()) + 1
    return Perplexity(log_probabilities, tokens, words, size)

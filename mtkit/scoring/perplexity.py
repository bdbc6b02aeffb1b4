"""How likely a model finds given translations, in units that compare across vocabularies."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mtkit.translating.translator import Translator


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


def perplexity(translator: Translator, sources: Sequence[str], references: Sequence[str]) -> Perplexity:
    """The perplexity of the references under the model, by forced decoding.

    Args:
        references: of each source.
    """
    judgements = translator.judge(sources, references)
    log_probabilities: list[float | None] = []
    tokens = words = size = 0
    for judgement, reference in zip(judgements, references, strict=True):
        if not judgement.best:
            log_probabilities.append(None)
            continue
        log_probabilities.append(judgement.best.log_probability)
        tokens += len(judgement.best.token_log_probabilities)
        words += len(reference.split()) + 1
        size += len(reference.encode()) + 1
    return Perplexity(log_probabilities, tokens, words, size)

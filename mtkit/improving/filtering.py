"""Which lines of a text are worth a source sentence, and which of these pairs are worth training on.

A limit of 0 is none. Round trips tell a bad source sentence by what is lost on the way there and back
(Imankulova et al. 2017, "Improving Low-Resource Neural Machine Translation with Filtered Pseudo-Parallel
Corpus").
"""

from collections.abc import Sequence

import numpy as np

from mtkit.settings.improve import ImproveSettings
from mtkit.text.cleaning import length_reason

# Why a line of the text has no pair in the training text, in the order in which it is asked.
REASONS = (
    "empty",
    "repeated",
    "held out",
    "real",
    "source side",
    "length",
    "not drawn",
    "no source",
    "cut off",
    "copy",
    "ratio",
    "round trip",
    "least likely",
)


def pair_reason(
    target: str,
    source: str,
    tokens: tuple[int, int],
    settings: ImproveSettings,
    *,
    complete: bool,
    round_trip: float,
) -> str:
    """Why a pair is not worth training on; nothing where it is.

    Args:
        target: the line of the text.
        source: the sentence that was made for it.
        tokens: of source and target.
        complete: whether the model came to an end.
        round_trip: chrF of the source, translated back, against the target.
    """
    if not source.strip():
        return "no source"
    if not complete:
        return "cut off"
    if source.split() == target.split():
        return "copy"
    unfit = length_reason(*tokens, settings.max_length_tokens, settings.max_length_ratio)
    if unfit:
        return unfit
    return "round trip" if round_trip < settings.min_round_trip else ""


def likelihood_limit(log_probabilities: Sequence[float], share: float) -> float:
    """What a log-probability must reach so that this share of them, rounded down, does not.

    Those that are equal to the limit stay. It is -inf where none is left out.
    """
    dropped = int(share * len(log_probabilities))
    return float(np.sort(log_probabilities)[dropped]) if dropped else -np.inf


def real_weight(real: int, synthetic: int, share: float, most: float) -> float:
    """How often real pairs are seen, that they are this share of a text with so many synthetic ones.

    At least once, at most `most` times.
    """
    return round(min(most, max(1.0, share / (1.0 - share) * synthetic / real)), 4)

"""What hints at a bad translation: figures for whoever filters or edits, and visible faults."""

import math
from collections.abc import Sequence
from typing import Any

from mtkit.translating.translation import Candidate, Translation

# A loop: so many times the same run of tokens, of one token, or of 2 up to LONGEST_RUN.
LOOP_OF_ONE, LOOP, LONGEST_RUN = 4, 3, 12


def signals(translation: Translation, candidate: Candidate) -> dict[str, Any]:
    """The figures of a translation of a line, made with `--signals`; probabilities in nats.

    log_probability of the whole; log_probability_per_token, END_ID among the tokens; least_probability of a
    token; entropy, the mean of what the tokens were chosen from; length_ratio, target tokens to source
    tokens; copied, the share of words that the source has too; loop, whether it repeats itself and the source
    does not.
    """
    hypothesis = candidate.hypothesis
    log_probabilities, total = hypothesis.token_log_probabilities, hypothesis.log_probability
    words, source_words = candidate.text.split(), set(translation.source.split())
    return {
        "log_probability": round(total, 6),
        "log_probability_per_token": round(total / max(1, len(log_probabilities)), 6),
        "least_probability": round(math.exp(min(log_probabilities, default=0.0)), 6),
        "entropy": round(math.fsum(hypothesis.entropies) / max(1, len(hypothesis.entropies)), 6),
        "length_ratio": round(len(candidate.tokens) / max(1, len(translation.source_tokens)), 4),
        "copied": round(sum(word in source_words for word in words) / max(1, len(words)), 4),
        "loop": in_a_loop(translation, candidate),
    }


def faults(translation: Translation) -> list[str]:
    """What is wrong with the best translation of a line at first sight, in words."""
    best = translation.best
    if not best or not translation.source.strip():
        return []
    signs = {
        "cut off at the longest length": not best.hypothesis.complete,
        "empty": not best.text.strip(),
        "in a loop": in_a_loop(translation, best),
        "much shorter than its source": translation.is_short,
    }
    return [fault for fault, shows in signs.items() if shows]


def remarks(translation: Translation) -> list[str]:
    """What else there is to know of how a line was translated, in words."""
    return ["translated in parts, because a sentence is too long"] if translation.cut_within else []


def in_a_loop(translation: Translation, candidate: Candidate) -> bool:
    """Whether a translation repeats itself and its source does not."""
    return loops(candidate.tokens) and not loops(translation.source_tokens)


def loops(tokens: Sequence[str]) -> bool:
    """Whether the same run of tokens stands there several times on end."""
    # Most translations: there are too few repetitions for any loop.
    if len(tokens) - len(set(tokens)) < LOOP_OF_ONE - 1:
        return False
    for length in range(1, LONGEST_RUN + 1):
        times = LOOP if length > 1 else LOOP_OF_ONE
        same = 0
        for place in range(length, len(tokens)):
            same = same + 1 if tokens[place] == tokens[place - length] else 0
            if same == (times - 1) * length:
                return True
    return False

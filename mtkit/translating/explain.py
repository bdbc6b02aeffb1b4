"""Why a translation is as it is, for a terminal: its tokens, how sure the model was of each, what came near,
what it looked at.
"""

import numpy as np

from mtkit.search.hypothesis import Hypothesis
from mtkit.text.special import BEGIN_ID, END_PIECE
from mtkit.translating.translation import Translation
from mtkit.translating.translator import Translator, source_array

SHADES = " ·░▒▓█"
RUNNERS_UP = 3


def explain(translator: Translator, translation: Translation) -> str:
    """Some lines; a blank line for a blank line.

    The source and the translation; and a row for each token: its probability, its attention to each source
    piece as a shade, and the likeliest other tokens with theirs.
    """
    best = translation.best
    if not best:
        return "\n"
    (source,) = translator.tokenizers.source.encode([translation.source])
    pieces = [*translator.tokenizers.source.pieces(source), END_PIECE]
    hypothesis = best.hypothesis
    steps = taken(translator, source, hypothesis)
    names = [*best.tokens, END_PIECE][: len(steps)]
    width = max(map(len, names), default=0)
    lines = [
        f"source       {translation.source}",
        f"translation  {translation.text}",
        f"score        {translation.score:.4f}",
    ]
    if steps and steps[0][2] is not None:
        lines.append(
            "pieces       " + " ".join(f"{number}:{piece}" for number, piece in enumerate(pieces, 1))
        )
        lines.append(
            " " * (width + 8) + "|" + "".join(str(number % 10) for number in range(1, len(pieces) + 1)) + "|"
        )
    for name, (probability, others, attention) in zip(names, steps, strict=True):
        shades = "" if attention is None else "|" + "".join(map(shade, attention)) + "|"
        near = "  ".join(
            f"{translator.tokenizers.target.pieces([token])[0]} {value:.2f}" for token, value in others
        )
        lines.append(f"{name:<{width}}  {probability:.3f} {shades}  {near}".rstrip())
    return "\n".join(lines) + "\n\n"


def taken(translator: Translator, source: list[int], hypothesis: Hypothesis) -> list[tuple]:
    """For each token of a translation: (probability, likeliest other tokens with theirs, attention [S] or
    None).
    """
    step = translator.engine.step_function(
        RUNNERS_UP + 1, translator.forbidden, translator.shortlist([source], [hypothesis.ids])
    )
    state = translator.engine.start(source_array([source]))
    row, last, found = np.zeros(1, np.int32), BEGIN_ID, []
    for token, log_probability in zip(hypothesis.all_ids, hypothesis.token_log_probabilities, strict=True):
        scores, ids, attention, state = step(state, np.array([last], np.int32), row)
        others = [
            (int(other), float(np.exp(score)))
            for other, score in zip(ids[0], scores[0], strict=True)
            if other != token
        ]
        found.append(
            (float(np.exp(log_probability)), others[:RUNNERS_UP], None if attention is None else attention[0])
        )
        last = token
    return found


def shade(weight: float) -> str:
    """A character that is the darker the nearer a weight is to 1."""
    return SHADES[min(len(SHADES) - 1, int(float(weight) * len(SHADES)))]

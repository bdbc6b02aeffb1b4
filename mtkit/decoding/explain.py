"""Why a translation is as it is, for a terminal: its tokens, how sure the model was of each, what came near, what it looked at."""

import numpy as np

from mtkit.decoding.translator import Translation, Translator
from mtkit.text.special import BEGIN_ID, END_ID, END_PIECE, PAD_ID

SHADES = " ·░▒▓█"
RUNNERS_UP = 3


def explain(translator: Translator, translation: Translation) -> str:
    """Some lines; a blank line for a blank line.

    The source and the translation; and a row for each token: its probability, its attention to each source piece as a shade, and
    the likeliest other tokens with theirs.
    """
    best = translation.best
    if not best:
        return "\n"
    (source,) = translator.tokenizers.source.encode([translation.source])
    pieces = [*translator.tokenizers.source.pieces(source), END_PIECE]
    hypothesis = best.hypothesis
    tokens = [*hypothesis.ids, END_ID][: len(hypothesis.ids) + hypothesis.complete]
    steps = taken(translator, source, tokens)
    names = [*best.tokens, END_PIECE][: len(tokens)]
    width = max(map(len, names), default=0)
    lines = [f"source       {translation.source}", f"translation  {translation.text}", f"score        {translation.score:.4f}"]
    if steps and steps[0][2] is not None:
        lines.append("pieces       " + " ".join(f"{number}:{piece}" for number, piece in enumerate(pieces, 1)))
        lines.append(" " * (width + 8) + "|" + "".join(str(number % 10) for number in range(1, len(pieces) + 1)) + "|")
    for name, (probability, others, attention) in zip(names, steps, strict=True):
        shades = "" if attention is None else "|" + "".join(map(shade, attention)) + "|"
        near = "  ".join(f"{translator.tokenizers.target.pieces([token])[0]} {value:.2f}" for token, value in others)
        lines.append(f"{name:<{width}}  {probability:.3f} {shades}  {near}".rstrip())
    return "\n".join(lines) + "\n\n"


def taken(translator: Translator, source: list[int], tokens: list[int]) -> list[tuple]:
    """For each of these tokens, one after the other: (probability, likeliest other tokens with theirs, attention [S] or None)."""
    engine = translator.engine
    step = engine.step_function(engine.functions.size, forbidden=(PAD_ID, BEGIN_ID))
    state = engine.start(np.array([[*source, END_ID]], np.int32))
    row, last, found = np.zeros(1, np.int32), BEGIN_ID, []
    for token in tokens:
        scores, ids, attention, state = step(state, np.array([last], np.int32), row)
        values = np.exp(scores[0])
        place = int(np.flatnonzero(ids[0] == token)[0])
        others = [(int(ids[0, other]), float(values[other])) for other in range(RUNNERS_UP + 1) if other != place][:RUNNERS_UP]
        found.append((float(values[place]), others, None if attention is None else attention[0]))
        last = token
    return found


def shade(weight: float) -> str:
    """A character that is the darker the nearer a weight is to 1."""
    return SHADES[min(len(SHADES) - 1, int(float(weight) * len(SHADES)))]

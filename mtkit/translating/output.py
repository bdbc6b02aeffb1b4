"""The forms a translation is written in."""

import json
import math
from typing import Any

from mtkit.translating.signals import signals
from mtkit.translating.translation import Candidate, Translation

MOST_NATS = 700.0


def render(
    translation: Translation, form: str, number: int, n_best: int = 1, with_signals: bool = False
) -> str:
    """The lines for a translation, each with its end.

    Args:
        form: "text"; "tsv" (score, hypothesis; with several best ones a line each, which begins with
            `number`); or "jsonl" (source, hypothesis, score, tokens; or a list of the last three).
        number: of the line, from 1.
        n_best: how many translations were asked for.
        with_signals: further cells, or an object "signals", with the figures of signals.py; nothing for a
            blank line.
    """
    if form == "text":
        return translation.text + "\n"
    figures = [
        signals(translation, candidate) if with_signals else {} for candidate in translation.candidates
    ]
    if form == "tsv":
        rows = [
            [f"{candidate.hypothesis.score:.4f}", in_cell(candidate.text), *map(cell, own.values())]
            for candidate, own in zip(translation.candidates, figures, strict=True)
        ] or [["0.0000", ""]]
        return "".join(
            "\t".join([*([str(number)] if n_best > 1 else []), *row]) + "\n" for row in rows[:n_best]
        )
    every = [
        {**facts(candidate), **({"signals": own} if own else {})}
        for candidate, own in zip(translation.candidates, figures, strict=True)
    ]
    if n_best == 1:
        return to_json({"source": translation.source, **(every[0] if every else NO_FACTS)})
    return to_json({"source": translation.source, "hypotheses": every})


def render_forced(translation: Translation, form: str) -> str:
    """The line for a reference that was scored, with its end.

    Args:
        form: "text" (log-probability); "tsv" (score, log-probability, perplexity, number of tokens, END_ID
            included); or "jsonl" (source, reference, the first three, the tokens, the log-probability of each
            and, last, of END_ID).
    """
    best = translation.best
    each = best.hypothesis.token_log_probabilities if best else ()
    total = best.hypothesis.log_probability if best else 0.0
    perplexity = math.exp(min(-total / len(each), MOST_NATS)) if each else 1.0
    if form == "text":
        return f"{total:.4f}\n"
    if form == "tsv":
        return f"{translation.score:.4f}\t{total:.4f}\t{perplexity:.4f}\t{len(each)}\n"
    found = {
        "source": translation.source,
        "reference": translation.text,
        "score": round(translation.score, 6),
        "log_probability": round(total, 6),
        "perplexity": round(perplexity, 6),
        "tokens": list(best.tokens if best else ()),
        "token_log_probabilities": [round(value, 6) for value in each],
    }
    return to_json(found)


# Of a blank line.
NO_FACTS = {"hypothesis": "", "score": 0.0, "tokens": []}


def facts(candidate: Candidate) -> dict[str, Any]:
    """A candidate for JSON."""
    return {
        "hypothesis": candidate.text,
        "score": round(candidate.hypothesis.score, 6),
        "tokens": list(candidate.tokens),
    }


def cell(value: float | bool) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value:.4f}"


def in_cell(text: str) -> str:
    return text.replace("\t", " ")


def to_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"

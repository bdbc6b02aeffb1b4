"""The forms a translation is written in."""

import json
import math
from typing import Any

from mtkit.decoding.translator import Candidate, Translation

MOST_NATS = 700.0


def render(translation: Translation, form: str, number: int, n_best: int = 1) -> str:
    """The lines for a translation, each with its end.

    Args:
        form: "text"; "tsv" (score, hypothesis; with several best ones a line each, which begins with `number`); or "jsonl" (source,
            hypothesis, score, tokens; or a list of the last three).
        number: of the line, from 1.
        n_best: how many translations were asked for.
    """
    if form == "text":
        return translation.text + "\n"
    if form == "tsv":
        if n_best == 1:
            return f"{translation.score:.4f}\t{in_cell(translation.text)}\n"
        rows = [(candidate.hypothesis.score, candidate.text) for candidate in translation.candidates] or [(0.0, "")]
        return "".join(f"{number}\t{score:.4f}\t{in_cell(text)}\n" for score, text in rows)
    if n_best == 1:
        return to_json({"source": translation.source, **facts(translation.best)})
    return to_json({"source": translation.source, "hypotheses": [facts(candidate) for candidate in translation.candidates]})


def render_forced(translation: Translation, form: str) -> str:
    """The line for a reference that was scored, with its end.

    Args:
        form: "text" (log-probability); "tsv" (score, log-probability, perplexity, number of tokens, END_ID included); or "jsonl"
            (source, reference, the first three, the tokens, the log-probability of each and, last, of END_ID).
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
        "source": translation.source, "reference": translation.text, "score": round(translation.score, 6),
        "log_probability": round(total, 6), "perplexity": round(perplexity, 6), "tokens": list(best.tokens if best else ()),
        "token_log_probabilities": [round(value, 6) for value in each],
    }
    return to_json(found)


def facts(candidate: Candidate | None) -> dict[str, Any]:
    """A candidate for JSON; that of a blank line is empty."""
    if candidate is None:
        return {"hypothesis": "", "score": 0.0, "tokens": []}
    return {"hypothesis": candidate.text, "score": round(candidate.hypothesis.score, 6), "tokens": list(candidate.tokens)}


def in_cell(text: str) -> str:
    return text.replace("\t", " ")


def to_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"

"""The forms a translation is written in."""

import json

from mtkit.decoding.translator import Translation


def render(translation: Translation, form: str) -> str:
    """One line, without its end: text, tsv (score, hypothesis) or jsonl (source, hypothesis, score, tokens)."""
    if form == "text":
        return translation.text
    if form == "tsv":
        return f"{translation.score:.4f}\t{translation.text.replace(chr(9), ' ')}"
    facts = {
        "source": translation.source,
        "hypothesis": translation.text,
        "score": round(translation.score, 6),
        "tokens": list(translation.tokens),
    }
    return json.dumps(facts, ensure_ascii=False)

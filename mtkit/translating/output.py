"""The forms a translation is written in."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtkit.translating.alignment import pharaoh
from mtkit.translating.signals import signals
from mtkit.translating.translation import Candidate, Translation

MOST_NATS = 700.0
# Of a blank line.
NO_CELLS = ["0.0000", ""]
NO_FACTS = {"hypothesis": "", "score": 0.0, "tokens": []}


@dataclass(frozen=True)
class OutputForm:
    """How translations are written.

    Attributes:
        format: "text"; "tsv" (score, hypothesis; with several best ones a line each, which begins with the
            number of the line); or "jsonl" (source, hypothesis, score, tokens; or a list of the last three).
        n_best: how many translations were asked for.
        with_signals: further cells, or an object "signals", with the figures of signals.py; nothing for a
            blank line.
        judged: the translations were given, and their probabilities are what is asked for.
        explained: an explanation of each translation instead.
    """

    format: str = "text"
    n_best: int = 1
    with_signals: bool = False
    judged: bool = False
    explained: bool = False

    def lines(self, translations: Sequence[Translation], before: int) -> bytes:
        """The lines for translations, each with its end.

        Args:
            before: how many lines came before them.
        """
        numbered = enumerate(translations, before + 1)
        return "".join(self.render(translation, number) for number, translation in numbered).encode()

    def render(self, translation: Translation, number: int = 1) -> str:
        """The lines for a translation, each with its end.

        Args:
            number: of the line, from 1.
        """
        if self.judged:
            return render_judged(translation, self.format)
        if self.explained:
            from mtkit.translating.explain import explain  # which imports rich

            return explain(translation)
        if self.format == "text":
            return translation.text + "\n"
        figures = [self._signals(translation, candidate) for candidate in translation.candidates]
        if self.format == "tsv":
            return self._as_tsv(translation, figures, number)
        return self._as_json(translation, figures)

    def _signals(self, translation: Translation, candidate: Candidate) -> dict[str, Any]:
        return signals(translation, candidate) if self.with_signals else {}

    def _as_tsv(self, translation: Translation, figures: list[dict[str, Any]], number: int) -> str:
        pairs = zip(translation.candidates, figures, strict=True)
        rows = [cells_of(candidate, of_candidate) for candidate, of_candidate in pairs] or [NO_CELLS]
        numbers = [str(number)] if self.n_best > 1 else []
        return "".join("\t".join([*numbers, *row]) + "\n" for row in rows[: self.n_best])

    def _as_json(self, translation: Translation, figures: list[dict[str, Any]]) -> str:
        pairs = zip(translation.candidates, figures, strict=True)
        hypotheses = [facts(candidate, of_candidate) for candidate, of_candidate in pairs]
        if self.n_best == 1:
            best = hypotheses[0] if hypotheses else NO_FACTS
            return to_json({"source": translation.source, **best})
        return to_json({"source": translation.source, "hypotheses": hypotheses})


def render_judged(translation: Translation, form: str) -> str:
    """The line for a reference that was scored, with its end.

    Args:
        form: "text" (log-probability); "tsv" (score, log-probability, perplexity, number of tokens, END_ID
            included); or "jsonl" (source, reference, the first three, the tokens, the log-probability of each
            and, last, of END_ID).
    """
    best = translation.best
    log_probabilities = best.token_log_probabilities if best else ()
    total = best.log_probability if best else 0.0
    perplexity = 1.0
    if log_probabilities:
        perplexity = math.exp(min(-total / len(log_probabilities), MOST_NATS))
    if form == "text":
        return f"{total:.4f}\n"
    if form == "tsv":
        return f"{translation.score:.4f}\t{total:.4f}\t{perplexity:.4f}\t{len(log_probabilities)}\n"
    return to_json(
        {
            "source": translation.source,
            "reference": translation.text,
            "score": round(translation.score, 6),
            "log_probability": round(total, 6),
            "perplexity": round(perplexity, 6),
            "tokens": list(best.tokens if best else ()),
            "token_log_probabilities": [round(value, 6) for value in log_probabilities],
        }
    )


def alignment_lines(translations: Sequence[Translation], before: int) -> bytes:
    """The word alignment of each translation, a line each; how many lines came before does not matter."""
    return "".join(pharaoh(translation.alignment) + "\n" for translation in translations).encode()


def facts(candidate: Candidate, figures: dict[str, Any]) -> dict[str, Any]:
    """A candidate for JSON, with its signals if there are any."""
    shown = {
        "hypothesis": candidate.text,
        "score": round(candidate.score, 6),
        "tokens": list(candidate.tokens),
    }
    if figures:
        shown["signals"] = figures
    return shown


def cells_of(candidate: Candidate, figures: dict[str, Any]) -> list[str]:
    """A candidate for a table, with its signals if there are any."""
    return [f"{candidate.score:.4f}", candidate.text.replace("\t", " "), *map(cell, figures.values())]


def cell(value: float | bool) -> str:
    """A figure in a table."""
    return str(int(value)) if isinstance(value, bool) else f"{value:.4f}"


def to_json(value: dict[str, Any]) -> str:
    """An object on a line."""
    return json.dumps(value, ensure_ascii=False) + "\n"

"""The step that brings terms of a glossary into translations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtkit.engines.engine_kind import STEPS
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.glossary import Glossary, Term, TermUse, missing, uses_of
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Candidate, Translation


@dataclass(frozen=True)
class DemandedTerms:
    """Has texts translated; those whose translation lacks a term once more, where the terms are demanded.

    Attributes:
        tokenizer: of the target.
        n_best: candidates that a translation keeps.
    """

    glossary: Glossary
    tokenizer: Tokenizer
    n_best: int

    needs = frozenset({STEPS})

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        terms = [self.glossary.of(text.text) for text in texts]
        translations = [
            replace(translation, terms=tuple(TermUse(term, "free") for term in of_text))
            for translation, of_text in zip(translate(texts), terms, strict=True)
        ]
        lacking = [row for row, of_text in enumerate(terms) if missing(of_text, translations[row].text)]
        if not lacking:
            return translations
        demanded = translate([self._with_demands(texts[row], terms[row]) for row in lacking])
        for row, with_demands in zip(lacking, demanded, strict=True):
            translations[row] = self._better(terms[row], translations[row], with_demands)
        return translations

    def _with_demands(self, text: SourceText, terms: list[Term]) -> SourceText:
        return text._replace(phrases=[term.ways(self.tokenizer) for term in terms])

    def _better(self, terms: list[Term], free: Translation, demanded: Translation) -> Translation:
        """Of the candidates of both those that have the most terms, and how these fared."""
        candidates = by_terms(terms, free.candidates, demanded.candidates)[: self.n_best]
        cost = free.best.log_probability - candidates[0].log_probability
        uses = uses_of(terms, free.text, candidates[0].text, cost)
        return replace(free, candidates=tuple(candidates), terms=uses)


def by_terms(terms: list[Term], free: Sequence[Candidate], demanded: Sequence[Candidate]) -> list[Candidate]:
    """All different candidates, those first that have the most terms; of these the best."""
    known = {candidate.hypothesis.all_ids for candidate in free}
    new = [candidate for candidate in demanded if candidate.hypothesis.all_ids not in known]
    return sorted(
        [*free, *new], key=lambda candidate: (missing(terms, candidate.text), -candidate.hypothesis.score)
    )

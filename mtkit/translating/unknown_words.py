"""The step that puts words of the source in the place of those that the model has no token for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.engine_kind import ATTENTION, STEPS
from mtkit.text.special import UNKNOWN_ID
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Candidate, Translation
from mtkit.translating.unknown import Replacement


@dataclass(frozen=True)
class UnknownWords:
    """Replaces unknown tokens of translations by words."""

    replacement: Replacement
    tokenizers: Tokenizers

    needs = frozenset({STEPS, ATTENTION})

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        return [
            replace(translation, candidates=tuple(self._replaced(text, translation.candidates)))
            for text, translation in zip(texts, translate(texts), strict=True)
        ]

    def _replaced(self, text: SourceText, candidates: Sequence[Candidate]) -> list[Candidate]:
        surfaces = self.tokenizers.source.surfaces(text.text)
        known = [token != UNKNOWN_ID for token in self.tokenizers.source.without_context(text.ids)]
        replaced = []
        for candidate in candidates:
            hypothesis = candidate.hypothesis
            words = self.replacement.words(surfaces, known, hypothesis.ids, hypothesis.attention)
            pieces, target = self.tokenizers.target.with_words(hypothesis.ids, words)
            replaced.append(replace(candidate, text=target, tokens=tuple(pieces)))
        return replaced

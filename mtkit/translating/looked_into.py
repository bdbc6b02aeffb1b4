"""The steps that look into a search afterwards, for what is to be kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtkit.engines.engine_kind import STEPS
from mtkit.translating.step_search import StepSearch
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Candidate, Translation


@dataclass(frozen=True)
class Entropies:
    """Gives candidates the entropies of what their tokens were chosen from."""

    searcher: StepSearch

    needs = frozenset({STEPS})

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        translations = translate(texts)
        sources: list[Sequence[int]] = []
        targets: list[Sequence[int]] = []
        for text, translation in zip(texts, translations, strict=True):
            sources += [text.ids] * len(translation.candidates)
            targets += [candidate.hypothesis.all_ids for candidate in translation.candidates]
        entropies = iter(self.searcher.entropies(sources, targets))
        return [
            with_candidates(
                translation,
                [with_entropies(candidate, next(entropies)) for candidate in translation.candidates],
            )
            for translation in translations
        ]


@dataclass(frozen=True)
class Choices:
    """Gives the best candidate of a text how the model came to choose its tokens."""

    searcher: StepSearch

    needs = frozenset({STEPS})

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        translations = []
        for text, translation in zip(texts, translate(texts), strict=True):
            best, *others = translation.candidates
            choices = self.searcher.choices(text.ids, best.hypothesis)
            translations.append(with_candidates(translation, [replace(best, choices=choices), *others]))
        return translations


def with_candidates(translation: Translation, candidates: Sequence[Candidate]) -> Translation:
    """A translation with others in the place of its candidates."""
    return replace(translation, candidates=tuple(candidates))


def with_entropies(candidate: Candidate, entropies: tuple[float, ...]) -> Candidate:
    """A candidate whose hypothesis has them."""
    return replace(candidate, hypothesis=replace(candidate.hypothesis, entropies=entropies))

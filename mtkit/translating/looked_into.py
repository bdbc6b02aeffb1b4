"""The steps that look into a search afterwards, for what is to be kept of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mtkit.engines.engine_kind import STEPS
from mtkit.translating.step_search import StepSearch
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Translation


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
        return [with_entropies(translation, entropies) for translation in translations]


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
            translations.append(replace(translation, candidates=(replace(best, choices=choices), *others)))
        return translations


def with_entropies(translation: Translation, entropies: Iterator[tuple[float, ...]]) -> Translation:
    """A translation whose candidates have the next entropies."""
    candidates = []
    for candidate in translation.candidates:
        hypothesis = replace(candidate.hypothesis, entropies=next(entropies))
        candidates.append(replace(candidate, hypothesis=hypothesis))
    return replace(translation, candidates=tuple(candidates))

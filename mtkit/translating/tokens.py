"""The step that makes tokens of texts; a blank text has none, and no translation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from mtkit.data.context import behind_context
from mtkit.data.tokenizers import Tokenizers
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Translation


@dataclass(frozen=True)
class Tokens:
    """Gives each text its tokens, all at once, which is fastest."""

    tokenizers: Tokenizers

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        places = [place for place, text in enumerate(texts) if text.text.strip()]
        translations = [Translation(text.text) for text in texts]
        with_tokens = self._with_tokens([texts[place] for place in places])
        for place, translation in zip(places, translate(with_tokens), strict=True):
            translations[place] = translation
        return translations

    def _with_tokens(self, texts: Sequence[SourceText]) -> list[SourceText]:
        ids = self.tokenizers.source.encode([text.text for text in texts])
        if any(text.context for text in texts):
            ids = self._behind_contexts(texts, ids)
        beginnings: list[list[int]] = [[] for _ in texts]
        if any(text.beginning for text in texts):
            beginnings = self.tokenizers.target.encode([text.beginning for text in texts])
        return [
            text._replace(ids=ids_of_text, beginning_ids=beginning_ids)
            for text, ids_of_text, beginning_ids in zip(texts, ids, beginnings, strict=True)
        ]

    def _behind_contexts(self, texts: Sequence[SourceText], ids: Sequence[list[int]]) -> list[list[int]]:
        """The tokens of each text behind those of its context; a sentence becomes tokens once."""
        source = self.tokenizers.source
        sentences = list(dict.fromkeys(chain.from_iterable(text.context for text in texts)))
        ids_of = dict(zip(sentences, source.encode(sentences), strict=True))
        return [
            behind_context([ids_of[sentence] for sentence in text.context], ids_of_text, source.context_mark)
            for text, ids_of_text in zip(texts, ids, strict=True)
        ]

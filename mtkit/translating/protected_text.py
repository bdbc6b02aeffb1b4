"""The two steps around text that must stay: it is taken out of a line, and goes back into each sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtkit.engines.engine_kind import ATTENTION, STEPS
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.placement import with_spans
from mtkit.translating.protect import Protection
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Translation


@dataclass(frozen=True)
class TextTakenOut:
    """Takes text out of lines; afterwards it looks whether all of it is there again."""

    protection: Protection

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        left = [text._replace(held=self.protection.take_out(text.text)) for text in texts]
        translations = translate(left)
        return [
            self._checked(translation) if text.held.spans else translation
            for text, translation in zip(left, translations, strict=True)
        ]

    def _checked(self, translation: Translation) -> Translation:
        changed = self.protection.changed(translation.source, translation.text)
        return replace(translation, changed=tuple(changed))


@dataclass(frozen=True)
class TextPutBack:
    """Puts what was taken out of a text where attention says that it belongs.

    Attributes:
        tokenizer: of the source.
    """

    tokenizer: Tokenizer

    needs = frozenset({STEPS, ATTENTION})

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        translations = translate(texts)
        return [
            with_spans(translation, text.spans, self.tokenizer)
            for text, translation in zip(texts, translations, strict=True)
        ]

"""Files whose texts stand one after the other; what is between them stays."""

from abc import abstractmethod
from collections.abc import Sequence, Set
from typing import ClassVar, NamedTuple

from mtkit.errors import InputError
from mtkit.formats.document import Document, Unit
from mtkit.formats.text_file import Change, TextFile


class TextSpan(NamedTuple):
    """A text of a file: where it is, and what it says."""

    start: int
    stop: int
    text: str


class SpanDocument(Document):
    """An opened file.

    Args:
        spans: the texts to translate.
        kept: how many units have a translation already.

    Raises:
        InputError: there is nothing to translate.
    """

    codes: ClassVar[tuple[str, ...]] = (*Document.codes, r"<\d[\d:.]*>")

    def __init__(self, file: TextFile, spans: Sequence[TextSpan], kept: int = 0):
        if not spans and not kept:
            raise InputError(f"{file.path} holds nothing to translate")
        self.file, self.spans, self.kept = file, spans, kept
        lines = file.lines(span.start for span in spans)
        self.units = tuple(
            Unit(span.text, f"{file.path}:{line}") for span, line in zip(spans, lines, strict=True)
        )

    @abstractmethod
    def written(self, translation: str, before: str) -> str:
        """A translation as it stands in the file, in the place of what stood there."""

    def filled(self, translations: Sequence[str | None], remembered: Set[int] = frozenset()) -> bytes:
        return self.file.replaced(
            Change(start, stop, self.written(translation, self.file.text[start:stop]))
            for (start, stop, _), translation in zip(self.spans, translations, strict=True)
            if translation is not None
        )

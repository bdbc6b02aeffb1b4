"""What is done to a text before the search, and to its translation afterwards: a list of steps.

A step takes something out of texts, has what is left translated by the steps behind it, and puts back what it
took. A text goes down the list, and its translation comes up again.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from mtkit.search.pending import Phrase
from mtkit.translating.protect import HeldLine, HeldSpan
from mtkit.translating.translation import Translation


class SourceText(NamedTuple):
    """A text on its way to the search.

    Attributes:
        text: what is to be translated.
        number: what is drawn at random depends on it.
        beginning: of its translation; where it is judged, all of that.
        context: the sentences before it in its document that are read too, the nearest last.
        held: of a line, what it is without the text that must stay as it is.
        spans: what was taken out of the text, and goes back into its translation.
        ids: its tokens, behind those of its context.
        beginning_ids: those of the beginning.
        phrases: what the translation must hold, as far as it can be brought to.
    """

    text: str
    number: int
    beginning: str = ""
    context: Sequence[str] = ()
    held: HeldLine | None = None
    spans: Sequence[HeldSpan] = ()
    ids: Sequence[int] = ()
    beginning_ids: Sequence[int] = ()
    phrases: Sequence[Phrase] = ()


# One translation a text, in order.
Translate = Callable[[Sequence[SourceText]], list[Translation]]


class Step(Protocol):
    """One step.

    One that steers the search, or looks into it, has `needs`: what an engine must be able to do for it (see
    `EngineKind.abilities`); compatibility.py heeds that.
    """

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """One translation a text, in order.

        Args:
            translate: the steps behind this one, and the search.
        """


def through(steps: Sequence[Step], search: Translate) -> Translate:
    """Translates by going through all steps, the first first, and the search at the end of them."""
    translate = search
    for step in reversed(steps):
        translate = partial(step.translate, translate=translate)
    return translate

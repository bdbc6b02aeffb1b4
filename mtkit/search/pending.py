"""Phrases that a translation is to hold, and how far it is with them.

A phrase is a tuple of the ways to say it, each a tuple of tokens.
"""

from dataclasses import dataclass, replace

Phrase = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Pending:
    """Which phrases a row still owes.

    Attributes:
        phrases: all of the sentence.
        met: those that are there.
        inside: (phrase, way, tokens so far) of those that its last tokens may be the beginning of.
        closing: a phrase has just been completed; no letter may follow, which would make another word of it.
    """

    phrases: tuple[Phrase, ...]
    met: frozenset[int] = frozenset()
    inside: tuple[tuple[int, int, int], ...] = ()
    closing: bool = False

    @property
    def done(self) -> bool:
        return len(self.met) == len(self.phrases)

    @property
    def ways(self) -> int:
        """How many ways there are to say the phrases, all together."""
        return sum(map(len, self.phrases))

    @property
    def tokens(self) -> int:
        """How far the row is: tokens of the phrases that it holds, and of the one that it is in.

        Of a phrase that it holds the longest way counts, so that these count most.
        """
        held = sum(max(map(len, self.phrases[number])) for number in self.met)
        return held + max((so_far for *_, so_far in self.inside), default=0)

    def wanted(self) -> set[int]:
        """The tokens that lead on."""
        if self.inside:
            return {self.phrases[number][way][so_far] for number, way, so_far in self.inside}
        return {self.phrases[number][way][0] for number, way, _ in self.beginnings()}

    def beginnings(self) -> list[tuple[int, int, int]]:
        """(phrase, way, 0) of each way to say a phrase that is not met.

        Of equal phrases only the first counts, since what meets one does not meet the other.
        """
        unmet: dict[Phrase, int] = {}
        for number, phrase in enumerate(self.phrases):
            if number not in self.met:
                unmet.setdefault(phrase, number)
        beginnings: list[tuple[int, int, int]] = []
        for phrase, number in unmet.items():
            beginnings += [(number, way, 0) for way in range(len(phrase))]
        return beginnings

    def after(self, token: int) -> "Pending":
        """What is owed when this token has followed."""
        going_on = [
            (number, way, so_far + 1)
            for number, way, so_far in [*self.inside, *self.beginnings()]
            if self.phrases[number][way][so_far] == token
        ]
        met = {number for number, way, so_far in going_on if so_far == len(self.phrases[number][way])}
        inside = tuple(position for position in going_on if position[0] not in met)
        return replace(self, met=self.met | met, inside=inside, closing=bool(met))

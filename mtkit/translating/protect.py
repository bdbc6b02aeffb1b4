"""Text that must stay as it is: addresses, placeholders, tags, and whatever a regular expression finds.

A model makes little of such text, and the sentence around it suffers. So it is taken out of a line before the
line is translated, and put back where attention says that the words beside it have gone (compare Joanis et
al. 2013, "Transferring markup tags in statistical machine translation"). Nothing is left to the model, so
that each is there as often as the line has it.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from mtkit.errors import SettingsError
from mtkit.settings.option import refuse_single
from mtkit.text.patterns import LETTER, PRESETS

TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][\w:.-]*|\d+(?=/?>))[^<>]*?(?P<whole>/?)>")
# Two characters that are no neighbours in a text: where a word begins, behind a word or what closes a
# sentence.
_STRANGERS = rf"(?:{LETTER}|[.,;:!?…%)\]]){LETTER}"


@dataclass(frozen=True)
class HeldSpan:
    """Text that was taken out of a line; what stood side by side is one.

    Attributes:
        text: as it was.
        place: where it was in what is left of the line.
        before, behind: the character that stood there; nothing for a space, or the edge of the line.
        start: where it was in the line.
    """

    text: str
    place: int
    before: str = ""
    behind: str = ""
    start: int = field(default=0, compare=False)

    @property
    def stop(self) -> int:
        """Where it ended in the line."""
        return self.start + len(self.text)

    @property
    def is_tag(self) -> bool:
        """Whether there is a tag in it."""
        return TAG.search(self.text) is not None

    def halves(self, *, opening: bool) -> set[str]:
        """The names of the tags in it that open, or close, what stands between them and another."""
        return {
            tag["name"]
            for tag in TAG.finditer(self.text)
            if not tag["whole"] and opening != bool(tag["closes"])
        }

    def apart(self) -> "list[HeldSpan]":
        """The tags side by side in it each by itself; all of it where there is more than tags."""
        tags = list(TAG.finditer(self.text))
        if len(tags) < 2 or "".join(tag[0] for tag in tags) != self.text:
            return [self]
        spans = [HeldSpan(tag[0], self.place, "", "", self.start + tag.start()) for tag in tags]
        spans[0], spans[-1] = replace(spans[0], before=self.before), replace(spans[-1], behind=self.behind)
        return spans

    @property
    def held_apart(self) -> bool:
        """Whether a space stands in its place, between words that it alone held apart, or behind a mark."""
        return are_strangers(self.before + self.behind)


@dataclass(frozen=True)
class Protection:
    """What finds text that must stay as it is: what any of these patterns finds."""

    patterns: tuple[re.Pattern, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Protection":
        """From regular expressions and names of PRESETS.

        Raises:
            SettingsError: one is no regular expression, or finds text of no length.
        """
        refuse_single("--protect", names)
        patterns = []
        for name in names:
            try:
                pattern = re.compile(PRESETS.get(name, name))
            except (re.error, OverflowError, RecursionError) as error:
                presets = ", ".join(PRESETS)
                raise SettingsError(
                    f"--protect takes {presets} or a regular expression; {name!r} is none: {error}"
                ) from None
            if pattern.search(""):
                raise SettingsError(f"--protect {name!r} finds text of no length")
            patterns.append(pattern)
        return cls(tuple(patterns))

    def find(self, line: str) -> list[tuple[int, int]]:
        """Where such text is, (start, end) in order; what overlaps is one."""
        matches = itertools.chain.from_iterable(pattern.finditer(line) for pattern in self.patterns)
        return joined((match.span() for match in matches), touching=False)

    def take_out(self, line: str) -> "HeldLine":
        """What is left of a line, and what was taken out, in order. Of two spaces around a text one stays."""
        left: list[str] = []
        origin: list[int] = []
        spans: list[HeldSpan] = []
        end = 0
        for start, stop in joined(self.find(line), touching=True):
            left += line[end:start]
            origin += range(end, start)
            before, behind = "".join(left[-1:]).strip(), line[stop : stop + 1].strip()
            spans.append(HeldSpan(line[start:stop], len(left), before, behind, start))
            is_second_space = line[stop : stop + 1] == " " and (not left or left[-1] == " ")
            end = stop + is_second_space
            if spans[-1].held_apart:
                left.append(" ")
                origin.append(start)
        return HeldLine("".join(left) + line[end:], tuple(spans), (*origin, *range(end, len(line))))

    def changed(self, line: str, text: str) -> list[str]:
        """What a line has and its translation has not just as often."""
        in_line, in_text = self._counts(line), self._counts(text)
        return [held for held, times in in_line.items() if in_text[held] != times]

    def _counts(self, text: str) -> Counter[str]:
        return Counter(text[start:end] for start, end in self.find(text))


@dataclass(frozen=True)
class HeldLine:
    """A line without the text that must stay as it is.

    Attributes:
        text: what is left.
        spans: what was taken out.
        origin: for each character of the text where it was in the line, or, for a space that stands in for a
            span, where that was.
    """

    text: str
    spans: tuple[HeldSpan, ...] = ()
    origin: tuple[int, ...] = ()


def joined(places: Iterable[tuple[int, int]], *, touching: bool) -> list[tuple[int, int]]:
    """Places (start, end) in order, with those that overlap made one.

    Args:
        touching: those that follow each other at once are made one too.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(place for place in places if place[0] < place[1]):
        if merged and start < merged[-1][1] + touching:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def are_strangers(characters: str) -> bool:
    """Whether two characters are no neighbours in a text."""
    return re.fullmatch(_STRANGERS, characters) is not None

"""Which tags stand for the inline codes of a text: of one that is filled, by which codes belong together; of
one that is read, by what they are called in source and target.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mtkit.formats.inline_codes import Code, Role
from mtkit.formats.tags import alone, pair


class Crossed(Exception):
    """The elements of a text do not nest."""


@dataclass
class _Pairs:
    """The codes of a text, read in their order.

    Attributes:
        ends: for the place of a code that begins a pair that of the one that ends it.
        loose: the places of halves whose other half is not there, or is across another pair.
        opened: the places of what is not closed yet, each with the name of the element, or nothing for a
            half.
        halves: the places of the halves that began, by what joins them to the others.
    """

    ends: dict[int, int] = field(default_factory=dict)
    loose: set[int] = field(default_factory=set)
    opened: list[tuple[int, str]] = field(default_factory=list)
    halves: dict[str, list[int]] = field(default_factory=dict)

    def add(self, code: Code, place: int) -> None:
        """The next code."""
        if code.role is Role.BEGINS:
            self.halves.setdefault(code.joint, []).append(place)
            self.opened.append((place, ""))
        elif code.role is Role.ENDS:
            self._end_half(code.joint, place)
        elif code.role is Role.OPENS:
            self.opened.append((place, code.name))
        elif code.role is Role.CLOSES:
            self.close(code.name, place)

    def _end_half(self, joint: str, place: int) -> None:
        begun = self.halves[joint].pop() if self.halves.get(joint) else None
        while self.opened and self.opened[-1][0] in self.loose:
            self.opened.pop()
        if begun is not None and self.opened and self.opened[-1][0] == begun:
            self.opened.pop()
            self.ends[begun] = place
        else:
            self.loose |= {place} if begun is None else {begun, place}

    def close(self, name: str, place: int | None) -> None:
        """An element is closed, or, without a place, all of the text."""
        while self.opened and not self.opened[-1][1]:
            self.loose.add(self.opened.pop()[0])
        begun, opened = self.opened.pop() if self.opened else (None, "")
        if opened != name:
            raise Crossed
        if begun is not None:
            self.ends[begun] = place


def tags_for(codes: Sequence[Code], numbers: Iterator[int]) -> tuple[list[str], tuple[str, ...]]:
    """The tags that stand for the codes of a text to translate (see `tags`).

    Args:
        numbers: of the tags.

    Returns:
        (a tag for each code, those for halves of pairs that must stay in their order, as they are in no pair
        of tags).

    Raises:
        Crossed: the elements do not nest.
    """
    pairs = _Pairs()
    for place, code in enumerate(codes):
        pairs.add(code, place)
    pairs.close("", None)
    tags = [""] * len(codes)
    for place in range(len(codes)):
        if place in pairs.ends:
            tags[place], tags[pairs.ends[place]] = pair(next(numbers))
        elif not tags[place]:
            tags[place] = alone(next(numbers))
    return tags, tuple(tags[place] for place in sorted(pairs.loose))


class UnitTags:
    """The tags that stand for the codes of a unit in both languages: the same code has the same number."""

    def __init__(self):
        self._numbers: dict[tuple[bool, str], int] = {}

    def side(self, codes: Sequence[Code]) -> list[str]:
        """A tag for each code of one side; nothing for one that is about the text.

        A code without a name has that of its place.
        """
        opened: dict[str, int] = {}
        elements: list[int] = []
        unnamed: Counter[bool] = Counter()
        tags = []
        for code in codes:
            if code.is_remark:
                tags.append("")
                continue
            if code.role is Role.CLOSES:
                tags.append(pair(elements.pop())[1])
                continue
            if code.role is Role.ENDS and code.joint in opened:
                tags.append(pair(opened[code.joint])[1])
                continue
            number = self._number(code, unnamed)
            if code.role is Role.OPENS:
                elements.append(number)
            elif code.role is Role.BEGINS:
                opened[code.joint] = number
            tags.append(_tag(number, code.role))
        return tags

    def _number(self, code: Code, unnamed: Counter[bool]) -> int:
        """The number of a code; `unnamed` counts those without a name."""
        is_alone = code.role is Role.ALONE
        identity = code.identity
        if not identity:
            unnamed[is_alone] += 1
            identity = f" {unnamed[is_alone]}"
        return self._numbers.setdefault((is_alone, identity), len(self._numbers) + 1)


def _tag(number: int, role: Role) -> str:
    opening, closing = pair(number)
    return {Role.ALONE: alone(number), Role.ENDS: closing}.get(role, opening)

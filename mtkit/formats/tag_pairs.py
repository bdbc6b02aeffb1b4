"""Which of the inline codes of an element of XLIFF or TMX belong together: tags of an element, codes at both
ends of a text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mtkit.formats.codes import BEGINS, ENDS, JOINTS
from mtkit.formats.xml_parts import ATTRIBUTE

_TAG = re.compile(r"""</?(?:[\w.-]+:)?([^\s/>:]+)[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
# What begins a mark about the text, in XLIFF 2, and what ends it.
_BEGINS, _ENDS = BEGINS | {"sm"}, ENDS | {"em"}


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

    def end_half(self, joint: str, place: int) -> None:
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
        begun, own = self.opened.pop() if self.opened else (None, "")
        if own != name:
            raise Crossed
        if begun is not None:
            self.ends[begun] = place


def tags_for(codes: Sequence[str], number: Callable[[], int]) -> tuple[list[str], tuple[str, ...]]:
    """The tags that stand for codes (see `tags`).

    Args:
        number: gives the next number of a tag.

    Returns:
        (a tag for each code, those for halves of pairs that must stay in their order, as they are in no pair
        of tags).

    Raises:
        Crossed: the elements do not nest.
    """
    pairs = _Pairs()
    for place, code in enumerate(codes):
        kind, name = _kind(code)
        if kind == "begins":
            pairs.halves.setdefault(name, []).append(place)
            pairs.opened.append((place, ""))
        elif kind == "ends":
            pairs.end_half(name, place)
        elif kind == "opens":
            pairs.opened.append((place, name))
        elif kind == "closes":
            pairs.close(name, place)
    pairs.close("", None)
    tags = [""] * len(codes)
    for place in range(len(codes)):
        if place in pairs.ends:
            own = number()
            tags[place], tags[pairs.ends[place]] = f"<m{own}>", f"</m{own}>"
        elif not tags[place]:
            tags[place] = f"<c{number()}/>"
    return tags, tuple(tags[place] for place in sorted(pairs.loose))


def _kind(code: str) -> tuple[str, str]:
    """(what a code does: "begins" or "ends" a pair of codes, "opens" or "closes" an element, or nothing; what
    it is known by)
    """
    if code.startswith(("<!", "<?")):
        return "", ""
    tag = _TAG.match(code)
    name = tag[1]
    if code.startswith("</"):
        return "closes", name
    whole = tag[0].endswith("/>") or tag.end() < len(code)
    if not whole:
        return "opens", name
    if name not in _BEGINS | _ENDS:
        return "", ""
    attributes = {one[1]: one[2][1:-1] for one in ATTRIBUTE.finditer(tag[0])}
    joint = next((attributes[key] for key in JOINTS if attributes.get(key)), "")
    # bpt and ept, bx and ex, sc and ec, sm and em.
    return ("begins" if name in _BEGINS else "ends"), f"{name[1:]} {joint}"

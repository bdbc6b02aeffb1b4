"""Inline codes of a segment as short tags: <1> and </1> for a pair, <2/> for what stands alone.

What a code holds, say <a href="...">, is of no use to a model; that there is one, and where it goes, can be
learnt (Hanneman and Dinu 2020, "How should markup tags be translated?").
"""

from lxml import etree

# Elements of TMX and XLIFF: pairs around text; what begins and what ends a pair; marks about the text, which
# are no codes.
PAIRED, BEGINS, ENDS = (
    frozenset({"g", "pc", "hi"}),
    frozenset({"bpt", "bx", "sc"}),
    frozenset({"ept", "ex", "ec"}),
)
REMARKS = frozenset({"mrk", "sm", "em", "cp"})
# Attributes that name a code on both sides, and those that join the halves of a pair on one: TMX has x and i,
# XLIFF id, and rid or startRef.
_NAMES, JOINTS = ("x", "id", "i"), ("i", "rid", "startRef", "id")


class Codes:
    """The numbers of the codes of one unit. The same code has the same number on both sides.

    Args:
        kept: whether codes become tags; else nothing.
    """

    def __init__(self, kept: bool):
        self.kept = kept
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, kind: str, name: str) -> int:
        return self._numbers.setdefault((kind, name), len(self._numbers) + 1)


class Side:
    """The codes of one side of a unit, which are to be asked for in their order; one without a name has that
    of its place.
    """

    def __init__(self, codes: Codes):
        self._codes = codes
        self._opened: dict[str, int] = {}
        self._unnamed = {"pair": 0, "alone": 0}

    def tags(self, element: etree._Element) -> tuple[str, str]:
        """What stands in the place of a code, or before and behind the text of a pair; nothing where codes
        are dropped.
        """
        name = etree.QName(element).localname
        if not self._codes.kept or name in REMARKS:
            return "", ""
        joint = next((found for key in JOINTS if (found := element.get(key))), "")
        if name in ENDS:
            number = self._opened.get(joint) or self._number("pair", element)
            return f"</{number}>", ""
        number = self._number("pair" if name in PAIRED | BEGINS else "alone", element)
        if name in BEGINS:
            self._opened[joint] = number
            return f"<{number}>", ""
        return (f"<{number}>", f"</{number}>") if name in PAIRED else (f"<{number}/>", "")

    def _number(self, kind: str, element: etree._Element) -> int:
        own = next((found for key in _NAMES if (found := element.get(key))), "")
        if not own:
            self._unnamed[kind] += 1
            own = f" {self._unnamed[kind]}"
        return self._codes.number(kind, own)

"""Inline codes of a segment as short tags: <1> and </1> for a pair, <2/> for what stands alone.

What a code holds, say <a href="...">, is of no use to a model; that there is one, and where it goes, can be learnt (Hanneman and
Dinu 2020, "How should markup tags be translated?").
"""

from lxml import etree

# Elements of TMX and XLIFF whose content is text, those that begin and end a pair, and the attributes that name a code.
PAIRED, BEGINS, ENDS = frozenset({"g", "pc", "hi"}), frozenset({"bpt", "bx", "sc"}), frozenset({"ept", "ex", "ec"})
_NAMES = ("i", "rid", "startRef", "id", "x")


class Codes:
    """The tags of the codes of one unit. The same code has the same number on both sides.

    Args:
        kept: whether codes become tags; else nothing.
    """

    def __init__(self, kept: bool):
        self.kept = kept
        self._numbers: dict[tuple[str, str], int] = {}

    def tags(self, element: etree._Element, place: int) -> tuple[str, str]:
        """What stands in the place of a code, or before and behind the text of a pair; nothing where codes are dropped.

        Args:
            place: how many codes without a name come before it on its side.
        """
        name = etree.QName(element).localname
        if not self.kept or name == "mrk":
            return "", ""
        kind = "pair" if name in PAIRED | BEGINS | ENDS else "alone"
        own = next((found for key in _NAMES if (found := element.get(key))), f" {place}")
        number = self._numbers.setdefault((kind, own), len(self._numbers) + 1)
        if name in PAIRED:
            return f"<{number}>", f"</{number}>"
        return (f"<{number}>" if name in BEGINS else f"</{number}>" if name in ENDS else f"<{number}/>"), ""

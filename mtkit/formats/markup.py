"""XML, streamed: an element at a time, and nothing that a file could do to us.

No document type is loaded, no entity but those of XML itself is replaced, nothing is fetched, no path of a file is followed.
lxml (BSD), on libxml2, does the parsing; sizes and depths stay within its limits.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from mtkit.errors import InputError
from mtkit.formats.codes import REMARKS, Codes, Side
from mtkit.text.lines import open_text


def elements(path: Path, events: dict[str, str]) -> Iterator[tuple[str, etree._Element]]:
    """The elements with these names, in the order of the file; those that end are emptied when the next is asked for.

    Args:
        events: for each name, without its namespace, whether an element is given when it begins ("start", with its attributes
            alone) or when it is whole ("end").

    Returns:
        An iterator of (name, element).

    Raises:
        InputError: what is no XML, or more than its parser takes; names file and line.
    """
    with open_text(path) as file:
        try:
            tags = [f"{{*}}{name}" for name in events]
            parsed = etree.iterparse(
                file, events=("start", "end"), tag=tags, load_dtd=False, no_network=True, resolve_entities=False, huge_tree=False
            )
            for event, element in parsed:
                name = local_name(element)
                if events[name] == event:
                    yield name, element
                if event == "end":
                    element.clear()
                    while element.getprevious() is not None and element.getparent() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise InputError(f"{path}:{error.lineno or 1}: {reason(error)}") from None
        except (EOFError, zlib.error, OSError) as error:
            raise InputError(f"{path} cannot be read: {str(error).lower()}") from None


def reason(error: etree.XMLSyntaxError) -> str:
    """What is wrong, in one line."""
    said = (error.msg or "").split(", line ")[0].strip().replace("\n", " ")
    if not said or "Document is empty" in said or "no element found" in said:
        return "no XML: the file is empty, or does not begin with an element"
    return f"no well-formed XML ({said})"


def local_name(element: etree._Element) -> str:
    """Its name without a namespace."""
    return etree.QName(element).localname


def attribute(element: etree._Element, name: str) -> str:
    """An attribute, or ''."""
    return element.get(name, "")


def text_of(element: etree._Element, transparent: frozenset[str], path: Path, codes: Side | None = None) -> str:
    """The text of an element, with that of elements in it that have these names; others are codes, whose content is no text.

    Args:
        codes: what stands in their place; None for nothing.

    Raises:
        InputError: an entity that the file declares itself.
    """
    codes = codes or Side(Codes(kept=False))
    parts = [element.text or ""]
    for child in element:
        if isinstance(child, etree._Entity):
            raise InputError(f"{path}:{child.sourceline}: the entity {child.text} is not one of XML's own; write the text itself")
        if isinstance(child.tag, str):
            before, behind = codes.tags(child)
            if local_name(child) in transparent:
                parts += [before, text_of(child, transparent, path, codes), behind]
            elif before:
                parts.append(before)
            elif local_name(child) not in REMARKS and parts[-1][-1:].isalnum() and (child.tail or "")[:1].isalnum():
                parts.append(" ")  # words on both sides of a code are not one
        parts.append(child.tail or "")
    return "".join(parts)

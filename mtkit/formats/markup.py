"""XML, streamed: an element at a time, and nothing that a file could do to us.

No document type is loaded, no entity but those of XML itself is replaced, nothing is fetched, no path of a
file is followed. lxml (BSD), on libxml2, does the parsing, within its limits of size and depth where a file
declares anything itself.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from lxml import etree

from mtkit.errors import InputError
from mtkit.formats.codes import REMARKS, Codes, Side
from mtkit.text.lines import open_text

# Bytes of a file that are looked at for its document type.
_HEAD = 8192


def elements(path: Path, events: dict[str, str]) -> Iterator[tuple[str, etree._Element]]:
    """The elements with these names, in the order of the file; those that end are emptied when the next is
    asked for.

    Args:
        events: for each name, without its namespace, whether an element is given when it begins ("start",
            with its attributes alone) or when it is whole ("end").

    Returns:
        An iterator of (name, element).

    Raises:
        InputError: what is no XML, or more than its parser takes; names file and line.
    """
    with open_text(path) as file:
        try:
            tags = [f"{{*}}{name}" for name in events]
            huge = _declares_nothing(file.peek(_HEAD))
            parsed = etree.iterparse(
                file,
                events=("start", "end"),
                tag=tags,
                load_dtd=False,
                no_network=True,
                resolve_entities=False,
                huge_tree=huge,
            )
            for event, element in parsed:
                name = local_name(element)
                if events[name] == event:
                    yield name, element
                if event == "end":
                    element.clear()
                    # What is before it, and before what it is in, was read.
                    for done in (element, *element.iterancestors()):
                        while done.getprevious() is not None and done.getparent() is not None:
                            del done.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise InputError(f"{path}:{error.lineno or 1}: {reason(error)}") from None
        except (EOFError, zlib.error, OSError) as error:
            raise InputError(f"{path} cannot be read: {str(error).lower()}") from None


def _declares_nothing(head: bytes) -> bool:
    """Whether a file declares nothing in its document type, by how it begins: no entity can make its text
    grow then.
    """
    begun: list[str] = []
    subsets: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: begun.append(name)
    parser.StartDoctypeDeclHandler = lambda name, system, public, subset: subsets.append(subset)
    try:
        parser.Parse(head)
    except (expat.ExpatError, LookupError, ValueError):
        return False
    return bool(begun) and not any(subsets)


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


def text_of(
    element: etree._Element, transparent: frozenset[str], path: Path, codes: Side | None = None
) -> str:
    """The text of an element, with that of elements in it that have these names; others are codes, whose
    content is no text.

    Args:
        codes: what stands in their place; None for nothing.

    Raises:
        InputError: an entity that the file declares itself, or elements that are too deep in one another.
    """
    try:
        return _text_of(element, transparent, path, codes or Side(Codes(kept=False)))
    except RecursionError:
        raise InputError(
            f"{path}:{element.sourceline}: elements within elements without end; no such text is read"
        ) from None


def _text_of(element: etree._Element, transparent: frozenset[str], path: Path, codes: Side) -> str:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child, etree._Entity):
            raise InputError(
                f"{path}:{child.sourceline}: the entity {child.text} is not one of XML's own; write the text"
                " itself"
            )
        if isinstance(child.tag, str):
            before, behind = codes.tags(child)
            if local_name(child) in transparent:
                parts += [before, _text_of(child, transparent, path, codes), behind]
            elif before:
                parts.append(before)
            elif (
                local_name(child) not in REMARKS
                and parts[-1][-1:].isalnum()
                and (child.tail or "")[:1].isalnum()
            ):
                parts.append(" ")  # words on both sides of a code are not one
        parts.append(child.tail or "")
    return "".join(parts)

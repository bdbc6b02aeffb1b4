"""Tags that stand for codes and marks in a text: <1> and </1> for a pair around a part of it, <2/> for what
is by itself; the same before a translator and in training text.

What a code holds, say <a href="...">, is of no use to a model; that there is one, and where it goes, can be
learnt (Hanneman and Dinu 2020, "How should markup tags be translated?"). What the tags stand for is kept
apart, so that a translation can hold nothing else for it, and each is known by its number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, repeat

TAG = re.compile(r"<(?P<closes>/?)(?P<number>\d+)(?P<alone>/?)>")
_NAME = re.compile(r"</?([^\s<>/]+)")


def pair(number: int) -> tuple[str, str]:
    """The tags around a part of a text."""
    return f"<{number}>", f"</{number}>"


def alone(number: int) -> str:
    """The tag for what is by itself."""
    return f"<{number}/>"


def free_numbers(text: str) -> Iterator[int]:
    """The numbers, from 1, that no tag has which stands in a text as text."""
    taken = {tag["number"] for tag in TAG.finditer(text)}
    return (number for number in count(1) if str(number) not in taken)


def apart(text: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(the parts of a text around its tags, the tags); tags that are not known are text."""
    parts, tags, done = [], [], 0
    for tag in TAG.finditer(text):
        if tag[0] in known:
            parts.append(text[done : tag.start()])
            tags.append(tag[0])
            done = tag.end()
    return [*parts, text[done:]], tags


def together(parts: Sequence[str], between: Iterable[str]) -> str:
    """Parts of a text with something between each two."""
    return "".join(chain.from_iterable(zip(parts, [*between, ""], strict=True)))


def nest(tags: Iterable[str]) -> bool:
    """Whether tags, in this order, nest as elements do: each is closed, and none within another that was
    opened later.
    """
    opened: list[str] = []
    for tag in tags:
        if tag.endswith("/>"):
            continue
        name = _NAME.match(tag)[1].lower()
        if not tag.startswith("</"):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


def respelled(parts: Sequence[str], spelled: Mapping[str, list[str]]) -> list[str]:
    """Parts of a text with characters spelled otherwise: the first in the first way, and so on, all others in
    the last.
    """
    if not spelled:
        return list(parts)
    ways = {character: chain(spellings, repeat(spellings[-1])) for character, spellings in spelled.items()}
    special = re.compile(f"[{re.escape(''.join(spelled))}]")
    return [special.sub(lambda character: next(ways[character[0]]), part) for part in parts]

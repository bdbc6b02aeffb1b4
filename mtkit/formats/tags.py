"""Tags that stand for codes and marks before a translator: <m1> and </m1> for a pair around a text, <c2/> for
what is by itself.

What they stand for is kept apart, so that a translation can hold nothing else for it, and each is known by
its number.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

TAG = re.compile(r"</?m\d+>|<c\d+/>")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"</?([^\s<>/]+)")


def free_numbers(text: str) -> Callable[[], int]:
    """What gives the next number, from 1, that no tag has which stands in a text as text."""
    taken = {_NUMBER.search(tag)[0] for tag in TAG.findall(text)}
    number = 0

    def following() -> int:
        nonlocal number
        number += 1
        while str(number) in taken:
            number += 1
        return number

    return following


def apart(text: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(the parts of a text around its tags, the tags); tags that are not known are text."""
    parts, found, done = [], [], 0
    for tag in TAG.finditer(text):
        if tag[0] in known:
            parts.append(text[done : tag.start()])
            found.append(tag[0])
            done = tag.end()
    return [*parts, text[done:]], found


def together(parts: Sequence[str], between: Iterable[str]) -> str:
    """Parts of a text with something between each two."""
    return "".join(part + own for part, own in zip(parts, [*between, ""], strict=True))


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
    seen: Counter[str] = Counter()

    def way(found: re.Match) -> str:
        ways, count = spelled[found[0]], seen[found[0]]
        seen[found[0]] += 1
        return ways[min(count, len(ways) - 1)]

    special = re.compile(f"[{re.escape(''.join(spelled))}]")
    return [special.sub(way, part) for part in parts]

"""Phrases as words of their own in a text."""

import re


def as_words(phrase: str, any_case: bool = True) -> re.Pattern:
    """What finds a phrase where it stands as words of its own; with a capital letter too, where it begins
    with a small one.
    """
    before = r"(?<!\w)" if re.match(r"\w", phrase) else ""
    after = r"(?!\w)" if re.search(r"\w$", phrase) else ""
    return re.compile(
        f"{before}(?:{'|'.join(map(re.escape, spellings(phrase) if any_case else [phrase]))}){after}"
    )


def spellings(phrase: str) -> list[str]:
    """A phrase, and the same with a capital letter if it begins with a small one."""
    return list(dict.fromkeys([phrase, phrase[:1].upper() + phrase[1:]]))

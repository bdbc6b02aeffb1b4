"""Phrases as words of their own in a text."""

import re


def as_words(phrase: str, any_case: bool = True) -> re.Pattern:
    """What finds a phrase where it stands as words of its own.

    Args:
        any_case: whether it may begin with a capital letter where the phrase begins with a small one.
    """
    before = r"(?<!\w)" if re.match(r"\w", phrase) else ""
    after = r"(?!\w)" if re.search(r"\w$", phrase) else ""
    forms = spellings(phrase) if any_case else [phrase]
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, forms))}){after}")


def spellings(phrase: str) -> list[str]:
    """A phrase, and the same with a capital letter if it begins with a small one."""
    return list(dict.fromkeys([phrase, phrase[:1].upper() + phrase[1:]]))

"""Language codes as files write them (EN-US, en_US, sr@latin, en): the one place that compares them.

langcodes (MIT) takes 0.1 s to import, and reads none of the 77 codes of the 583 real files otherwise. It
knows more (zh-CN is zh-Hans, and zh-TW is not), but what serves here can be told in a sentence. It judges
scripts in `text.rules`.
"""

from collections.abc import Mapping, Sequence

# The attributes that name a language; older files have the second.
_ATTRIBUTES = ("xml:lang", "lang")


def language_of(attributes: Mapping[str, str]) -> str:
    """The language that the attributes of an element name, or nothing."""
    return next((attributes[name] for name in _ATTRIBUTES if attributes.get(name)), "")


def normal(code: str) -> str:
    """A code in small letters, its parts joined by hyphens."""
    return code.strip().replace("_", "-").replace("@", "-").lower()


def fit(wanted: str, held: str) -> int:
    """How well a language of a file serves one that is asked for.

    Returns:
        2 the same; 1 the same but for a region or script that one of both leaves open; 0 another (a region
        serves no other).
    """
    wanted, held = normal(wanted), normal(held)
    if wanted == held:
        return 2
    shorter, longer = sorted((wanted, held), key=len)
    return int(bool(shorter) and longer.startswith(f"{shorter}-"))


def serves(wanted: str, held: str) -> bool:
    """Whether text of a file may be in a language that is asked for: nothing says which it is in, or one
    fits.
    """
    return not wanted or not held or fit(wanted, held) > 0


def best(wanted: str, held: Sequence[str]) -> int | None:
    """The place of the language that serves best, the first of several; None where none does."""
    fits = [fit(wanted, language) for language in held]
    return fits.index(max(fits)) if fits and max(fits) else None

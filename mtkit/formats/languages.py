"""Language codes as files write them: EN-US, en_US, sr@latin, en."""

from collections.abc import Mapping

# The attributes that name a language, as parsers with and without name spaces have them; older files have the
# last.
_ATTRIBUTES = ("{http://www.w3.org/XML/1998/namespace}lang", "xml:lang", "lang")


def language_of(attributes: Mapping[str, str]) -> str:
    """The language that the attributes of an element name, or nothing."""
    return next((found for name in _ATTRIBUTES if (found := attributes.get(name))), "")


def normal(code: str) -> str:
    """A code in small letters, its parts joined by hyphens."""
    return code.strip().replace("_", "-").replace("@", "-").lower()


def fit(wanted: str, found: str) -> int:
    """How well a language of a file serves one that is asked for.

    Returns:
        2 the same; 1 the same but for a region or script that one of both leaves open; 0 another (a region
        serves no other).
    """
    wanted, found = normal(wanted), normal(found)
    if wanted == found:
        return 2
    shorter, longer = sorted((wanted, found), key=len)
    return int(bool(shorter) and longer.startswith(f"{shorter}-"))


def serves(wanted: str, found: str) -> bool:
    """Whether text of a file may be in a language that is asked for: nothing says which it is in, or one
    fits.
    """
    return not wanted or not found or fit(wanted, found) > 0


def best(wanted: str, held: tuple[str, ...]) -> int | None:
    """The place of the language that serves best, the first of several; None where none does."""
    fits = [fit(wanted, language) for language in held]
    return fits.index(max(fits)) if fits and max(fits) else None

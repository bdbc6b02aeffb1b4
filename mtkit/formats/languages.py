"""Language codes as files write them: EN-US, en_US, en."""


def normal(code: str) -> str:
    """A code in small letters, its parts joined by hyphens."""
    return code.strip().replace("_", "-").lower()


def fit(wanted: str, found: str) -> int:
    """How well a language of a file serves one that is asked for.

    Returns:
        2 the same; 1 the same but for a region or script that one of both leaves open; 0 another (a region serves no other).
    """
    wanted, found = normal(wanted), normal(found)
    if wanted == found:
        return 2
    shorter, longer = sorted((wanted, found), key=len)
    return int(bool(shorter) and longer.startswith(f"{shorter}-"))


def best(wanted: str, found: list[str]) -> int | None:
    """The place of the language that serves best, the first of several; None where none does."""
    fits = [fit(wanted, one) for one in found]
    return fits.index(max(fits)) if fits and max(fits) else None

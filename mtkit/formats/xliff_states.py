"""How XLIFF says how far a translation is, and whose it is: 1.0 to 1.2 and 2.x (OASIS), and SDLXLIFF, which
is 1.2 with segments.
"""

from collections.abc import Mapping

from mtkit.formats.document import MACHINE, MEMORY

# A translation that is there, which somebody should look at; and that of the same text, which a person made.
NEEDS_REVIEW, EXACT_MATCH = "needs-review-translation", "exact-match"
# States in which a translation is not one yet.
UNFINISHED = frozenset(
    {
        "new",
        "needs-translation",
        "needs-adaptation",
        "needs-l10n",
        "needs-review-adaptation",
        "needs-review-l10n",
        NEEDS_REVIEW,
        "initial",
    }
)
# States that a person ended a translation with, even an empty one.
FINAL = frozenset({"final", "signed-off", "translated", "reviewed"})
# What a person says of a segment of SDLXLIFF that is done, even an empty one.
CONFIRMED = frozenset({"Translated", "ApprovedTranslation", "ApprovedSignOff"})

# How each says whose a translation is, and that nobody has looked at it here.
MARKS_1 = {
    MACHINE: {"state": NEEDS_REVIEW, "state-qualifier": "leveraged-mt"},
    MEMORY: {"state": NEEDS_REVIEW, "state-qualifier": EXACT_MATCH},
}
MARKS_2 = {
    MACHINE: {"state": "translated", "subState": "mtkit:mt"},
    MEMORY: {"state": "translated", "subState": "mtkit:tm"},
}
STUDIO_MARKS = {
    MACHINE: {"conf": "Draft", "origin": "mt", "origin-system": "mtkit", "percent": None},
    MEMORY: {"conf": "Draft", "origin": "tm", "origin-system": "mtkit", "percent": "100"},
}


def is_unfinished(target: Mapping[str, str]) -> bool:
    """Whether the attributes of a target say that it is no translation yet. What a person made for the same
    text is one.
    """
    state = target.get("state", "")
    return state in UNFINISHED and (state, target.get("state-qualifier")) != (NEEDS_REVIEW, EXACT_MATCH)


def is_machine_made(target: Mapping[str, str]) -> bool:
    """Whether a target says that a machine made it, and nobody has looked at it: where it came from alone
    does not say that.

    Args:
        target: its attributes and those of its unit; of XLIFF 2 those of the segment, with our own word for a
            machine.
    """
    if target.get("subState") == "mtkit:mt":
        return target.get("state", "initial") in ("initial", "translated")
    unseen = target.get("approved") != "yes" and (target.get("state") or "new") in UNFINISHED
    return unseen and target.get("state-qualifier", "").endswith("-mt")


def is_machine_draft(segment: Mapping[str, str]) -> bool:
    """Whether the attributes of a segment of SDLXLIFF (sdl:seg) say that a machine made it, and nobody has
    confirmed it.
    """
    return segment.get("origin", "").endswith("mt") and segment.get("conf", "Draft") == "Draft"


def is_no_translation(segment: Mapping[str, str]) -> bool:
    """Whether the attributes of a segment of SDLXLIFF say that it is a machine's draft, or was rejected."""
    return is_machine_draft(segment) or segment.get("conf", "").startswith("Rejected")

"""How to search for translations."""

from dataclasses import dataclass, fields
from typing import Any

from mtkit.settings.option import LARGEST_SEED, MACHINE, SAMPLING, SEARCH, check

# The settings of a search that `mtkit score`, `compare` and `report` have too.
SHARED_BY_SCORES = ("beam", "length_penalty")


@dataclass(frozen=True)
class Search:
    """How to search for the translations of a line.

    The defaults are a beam search of 5 that gives the best translation. `sample` draws translations at random
    instead.

    Example:
        >>> Search(beam=10, n_best=3).beam
        10
    """

    beam: int = SEARCH.option(5, "Beam size; 1 is greedy search.", minimum=1, maximum=256, metavar="K")
    length_penalty: float = SEARCH.option(
        1.0,
        "Exponent a of the length penalty, which the log-probability is divided by; 0 prefers short output.",
        minimum=0.0,
        maximum=10.0,
    )
    length_penalty_form: str = SEARCH.rare(
        "wu",
        "wu: ((5+n)/6)^a (Wu et al. 2016, arXiv:1609.08144, eq. 14); power: n^a; n the tokens with the end.",
        choices=("wu", "power"),
    )
    coverage_penalty: float = SEARCH.rare(
        0.0,
        "Weight of the coverage penalty (the same equation): prefers translations that attend to all of the"
        " source.",
        minimum=0.0,
        maximum=10.0,
    )
    min_length: int = SEARCH.rare(0, "Fewest tokens of a translation.", minimum=0)
    min_length_factor: float = SEARCH.rare(
        0.0, "Fewest tokens, as a multiple of the source tokens.", minimum=0.0, maximum=10.0
    )
    max_length: int = SEARCH.rare(
        0, "Most tokens of a translation; 0 no limit but --max-length-factor.", minimum=0
    )
    max_length_factor: float = SEARCH.rare(
        2.0, "Stop a hypothesis at this many times the source tokens, plus 10.", minimum=0.1, maximum=100.0
    )
    n_best: int = SEARCH.option(
        1, "Give the N best translations of each line, with --format tsv or jsonl.", minimum=1, maximum=256
    )
    sample: bool = SAMPLING.rare(
        False, "Draw translations at random from the model's distribution instead of searching for the best."
    )
    temperature: float = SAMPLING.rare(
        1.0, "With --sample: below 1 likely words become likelier.", minimum=0.01, maximum=100.0
    )
    top_k: int = SAMPLING.rare(
        0, "With --sample: draw from the K likeliest tokens; 0 all.", minimum=0, metavar="K"
    )
    top_p: float = SAMPLING.rare(
        1.0,
        "With --sample: draw from the fewest tokens that hold this share of the probability.",
        minimum=0.01,
        maximum=1.0,
    )
    seed: int = SAMPLING.rare(
        1,
        "With --sample: seed of what is drawn; it does not depend on the batch.",
        minimum=0,
        maximum=LARGEST_SEED,
    )
    no_repeat_ngram: int = SEARCH.rare(
        0, "No run of N tokens comes twice in a translation; 0 any may.", minimum=0
    )
    repetition_penalty: float = SEARCH.rare(
        0.0,
        "Taken from the log-probability of tokens that the translation already holds, in nats, for the choice"
        " of tokens.",
        minimum=0.0,
        maximum=100.0,
    )
    shortlist: int = MACHINE.rare(
        0,
        "Choose from the N likeliest translations of each source token, by a lexical table, and what is"
        " common; 0 everything.",
        minimum=0,
        maximum=100,
    )

    def __post_init__(self):
        """Raises SettingsError for a value that cannot be."""
        name = type(self).__name__
        for setting in fields(self):
            check(name, setting, getattr(self, setting.name), name)


def search_of(settings: Any) -> Search:
    """How a command searches: those of its settings that are settings of a search."""
    is_a_search = isinstance(settings, Search)
    names = [setting.name for setting in fields(Search)] if is_a_search else SHARED_BY_SCORES
    return Search(**{name: getattr(settings, name) for name in names})

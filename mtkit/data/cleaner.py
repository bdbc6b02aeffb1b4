"""What kinds of pairs are dropped from the training text: see `settings.prepare.KINDS`."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mtkit.errors import InputError
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.rules import pair_rules

INVALID = "invalid UTF-8"
# A kind that only all of the text shows, so that a second way through it tells it; and those by length in
# tokens.
BY_CORPUS, BY_TOKENS = "unusual-length", ("length", "ratio")
# What keeps pairs of a kind; --keep those of other kinds.
KEPT_BY = {
    INVALID: "convert the text to UTF-8, for example with iconv",
    "length": "raise --max-length-tokens (0 drops none)",
    "ratio": "raise --max-length-ratio (0 drops none)",
}


def nothing_left(of_what: str, dropped: Counter) -> InputError:
    """What is wrong where every pair was dropped, and what keeps those of the commonest kind.

    Args:
        of_what: what stands before the pairs that were dropped.
        dropped: pairs, by kind; at least one.
    """
    counts = ", ".join(f"{count} {kind}" for kind, count in dropped.items())
    kind = max(dropped, key=dropped.get)
    advice = KEPT_BY.get(kind, f"--keep {kind} drops none of these")
    return InputError(f"no pair of the training text is left: {of_what} {counts}; {advice}")


class Cleaner:
    """Judges pairs in the order of the text.

    Args:
        kinds: what is looked for, of `KINDS`; `BY_CORPUS` is passed over here.
        languages: codes of both sides.
        evaluation: for each evaluation part its `cleaning.evaluation_hashes`.

    Raises:
        SettingsError, MtkitError: a kind that cannot be told for these languages, or lacks its package.
    """

    def __init__(self, kinds: Iterable[str], languages: tuple[str, str], evaluation: dict[str, np.ndarray]):
        kinds = tuple(kinds)
        self._rules = pair_rules(kinds, languages)
        evaluated = np.unique(np.concatenate([np.zeros(0, np.uint64), *evaluation.values()]))
        exact, near = cleaning.SeenHashes(), cleaning.SeenHashes()
        by_text: dict[str, Callable[[Sequence[SentencePair]], np.ndarray]] = {
            "duplicate": lambda pairs: ~exact.add(cleaning.pair_hashes(pairs)),
            "near-duplicate": lambda pairs: ~near.add(cleaning.near_hashes(pairs)),
            "leaked": lambda pairs: cleaning.leaked(cleaning.leak_hashes(pairs), evaluated),
        }
        self._by_text = {kind: judge for kind, judge in by_text.items() if kind in kinds}

    def kinds(self, pairs: Sequence[SentencePair], *, all_kinds: bool = False) -> list[list[str]]:
        """What kind each pair is: the first that applies, or all; none for a pair that is fit."""
        kinds = [self._kinds_by_rule(pair, all_kinds=all_kinds) for pair in pairs]
        for kind, judge in self._by_text.items():
            places = [place for place, others in enumerate(kinds) if _is_open(others, all_kinds=all_kinds)]
            applies = judge([pairs[place] for place in places])
            for place in np.array(places, int)[applies].tolist():
                kinds[place].append(kind)
        return kinds

    def _kinds_by_rule(self, pair: SentencePair, *, all_kinds: bool) -> list[str]:
        if pair.damaged:
            return [INVALID]
        kinds = []
        for kind, applies in self._rules.items():
            if applies(pair):
                kinds.append(kind)
                if not all_kinds:
                    break
        return kinds


def _is_open(kinds: list[str], *, all_kinds: bool) -> bool:
    """Whether a pair of these kinds is to be judged by another one."""
    return kinds != [INVALID] and (all_kinds or not kinds)

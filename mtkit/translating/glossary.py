"""A glossary: which term of the source must be translated by which, and whether it was.

A file of lines with two cells, the source term and its translation; ways to say it that are as good stand in
the same cell with a | between.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mtkit.errors import InputError
from mtkit.search.pending import Phrase
from mtkit.text.lines import line_numbers_text, read_cells
from mtkit.text.tokenizer import Tokenizer
from mtkit.text.words import as_words, spellings


@dataclass(frozen=True)
class Term:
    """A term and the ways to translate it, the preferred one first."""

    source: str
    targets: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether a translation has it, as words of their own."""
        return any(as_words(target).search(text) for target in self.targets)

    def ways(self, tokenizer: Tokenizer) -> Phrase:
        """Each translation, also with a capital letter."""
        ways = itertools.chain.from_iterable(map(spellings, self.targets))
        return tuple(map(tuple, tokenizer.encode(list(ways))))


@dataclass(frozen=True)
class Glossary:
    """Terms, no two with the same source."""

    terms: tuple[Term, ...]

    @classmethod
    def read(cls, lines: Iterable[str], name: str) -> "Glossary":
        """The terms of a file; blank lines and lines that begin with # are left out.

        Args:
            lines: of the file.
            name: of the file, for errors.

        Raises:
            InputError: a line without two cells, or a source term for the second time.
        """
        terms: dict[str, Term] = {}
        uncommented = ("" if line.startswith("#") else line for line in lines)
        for number, source, translations in read_cells(uncommented, name, "the source term"):
            targets = tuple(target.strip() for target in translations.split("|"))
            if not all(targets):
                raise InputError(f"{name}:{number}: an empty translation of {source!r}")
            if source in terms:
                raise InputError(
                    f"{name}:{number}: {source!r} stands here for the second time; put a | between its"
                    " translations"
                )
            terms[source] = Term(source, targets)
        if not terms:
            raise InputError(f"{name} holds no terms")
        return cls(tuple(terms.values()))

    @cached_property
    def _pattern(self) -> re.Pattern:
        longest_first = sorted((term.source for term in self.terms), key=len, reverse=True)
        return re.compile("|".join(f"({as_words(source).pattern})" for source in longest_first))

    @cached_property
    def _by_source(self) -> dict[str, Term]:
        return {term.source: term for term in self.terms}

    def of(self, line: str) -> list[Term]:
        """The terms that a line of the source holds as words of their own, each once, in order.

        Of nested ones it is the longest. One that begins with a small letter is also found with a capital.
        """
        terms: dict[str, Term] = {}
        for match in self._pattern.finditer(line):
            text = match[0]
            term = self._by_source.get(text) or self._by_source.get(text[:1].lower() + text[1:])
            if term:
                terms[term.source] = term
        return list(terms.values())


@dataclass(frozen=True)
class TermUse:
    """How a term of a line fared.

    Attributes:
        outcome: "free", the search had it of its own accord; "demanded", it had to be demanded, and is there;
            "missing".
        cost: log-probability that the demands took from the line, in nats; of all its terms together, 0 where
            nothing was demanded.
    """

    term: Term
    outcome: str
    cost: float = 0.0


def missing(terms: Iterable[Term], text: str) -> int:
    """How many of the terms a translation does not have."""
    return sum(not term.is_in(text) for term in terms)


def uses_of(terms: Iterable[Term], free: str, demanded: str, cost: float) -> tuple[TermUse, ...]:
    """How the terms of a line fared.

    Args:
        free: the translation that the search found of its own accord.
        demanded: the one with demands, which is given.
        cost: log-probability between them.
    """
    return tuple(TermUse(term, outcome(term, free, demanded), cost) for term in terms)


def outcome(term: Term, free: str, demanded: str) -> str:
    """See `TermUse`; the texts as in `uses_of`."""
    if not term.is_in(demanded):
        return "missing"
    return "free" if term.is_in(free) else "demanded"


HEAD = ("term", "translation", "lines", "free", "demanded", "cost", "missing")


def report(uses: Iterable[tuple[int, TermUse]]) -> list[str]:
    """A table, a row for each term; no lines without uses of terms.

    A row has how many lines hold the term, in how many it came freely, by demand, and not, and the mean cost
    of a demand.

    Args:
        uses: with the number of the line, from 1.
    """
    by_term: dict[Term, list[tuple[int, TermUse]]] = {}
    for number, use in uses:
        by_term.setdefault(use.term, []).append((number, use))
    if not by_term:
        return []
    from mtkit.table import aligned  # which imports rich

    rows = [HEAD, *(row_of(term, of_term) for term, of_term in by_term.items())]
    return aligned(rows).splitlines()


def row_of(term: Term, uses: list[tuple[int, TermUse]]) -> tuple[str, ...]:
    """The row of a term in the table."""
    numbers: dict[str, list[int]] = {"free": [], "demanded": [], "missing": []}
    for number, use in uses:
        numbers[use.outcome].append(number)
    costs = [use.cost for _, use in uses if use.outcome == "demanded"]
    cost = f"{sum(costs) / len(costs):.2f}" if costs else "-"
    lacking = numbers["missing"]
    where = f"{len(lacking)} ({line_numbers_text(lacking)})" if lacking else "0"
    counts = str(len(uses)), str(len(numbers["free"])), str(len(numbers["demanded"]))
    return term.source, "|".join(term.targets), *counts, cost, where

"""The plural rule of a gettext catalogue: which of its forms is for one thing, and which for many."""

import gettext
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

# Numbers to try a rule with.
MOST = 200


@dataclass(frozen=True)
class Plurals:
    """The forms of a language.

    Attributes:
        count: how many there are.
        form: the form for a number.
    """

    count: int
    form: Callable[[int], int]

    @classmethod
    def read(cls, rule: str) -> "Plurals":
        """From the Plural-Forms of a header; without one, or with one that makes no sense, two forms as in
        English.
        """
        parts = re.search(r"nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;]+)", rule)
        try:
            count, form = int(parts[1]), gettext.c2py(parts[2])
            if not (0 < count <= 20 and all(0 <= form(number) < count for number in range(MOST))):
                raise ValueError
            return cls(count, form)
        except (TypeError, ValueError, ArithmeticError, RecursionError):
            return cls(2, lambda number: int(number != 1))

    @property
    def one(self) -> int:
        """The form for one thing."""
        return self.form(1)

    @cached_property
    def many(self) -> int:
        """The form for most numbers of things."""
        return Counter(map(self.form, range(MOST))).most_common(1)[0][0]

    def is_singular(self, form: int) -> bool:
        """Whether a form is for the number 1 and no other: it is made of the singular then, and any other
        form of the plural.
        """
        return [number for number in range(MOST) if self.form(number) == form] == [1]

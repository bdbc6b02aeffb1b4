"""What is asked of all translations, beside what the settings say."""

import re
from dataclasses import dataclass

from mtkit.decoding.glossary import Glossary
from mtkit.decoding.unknown import Replacement


@dataclass(frozen=True)
class Wishes:
    """What is asked of all translations.

    Attributes:
        banned: phrases that none may hold.
        glossary: terms that they must hold, as far as they can be brought to.
        protected: what finds text that must stay as it is.
        replacement: of unknown words.
    """

    banned: tuple[str, ...] = ()
    glossary: Glossary | None = None
    protected: re.Pattern | None = None
    replacement: Replacement | None = None

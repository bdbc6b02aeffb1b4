"""What is asked of translations beside the search: what is done to a line before it, and afterwards."""

from dataclasses import dataclass

from mtkit.errors import SettingsError
from mtkit.settings.option import refuse_single
from mtkit.translating.glossary import Glossary
from mtkit.translating.protect import Protection
from mtkit.translating.unknown import Replacement


@dataclass(frozen=True)
class Demands:
    """What is asked of translations beside the search.

    Attributes:
        whole_lines: each line is translated as one text, however long it is.
        max_source_tokens: a longer line is split into sentences, and a longer sentence into parts; 0 none is.
            None is as far as the model reaches.
        banned: words and phrases that no translation may hold.
        glossary: terms that they must hold, as far as they can be brought to.
        protection: finds text that must stay as it is.
        replacement: of unknown words.

    Example:
        >>> Demands(banned=("cat",), protection=Protection.of(["url", "placeholder"])).whole_lines
        False
    """

    whole_lines: bool = False
    max_source_tokens: int | None = None
    banned: tuple[str, ...] = ()
    glossary: Glossary | None = None
    protection: Protection | None = None
    replacement: Replacement | None = None

    def __post_init__(self):
        """Raises SettingsError for a value that cannot be."""
        refuse_single("banned", self.banned)
        if self.max_source_tokens is not None and self.max_source_tokens < 0:
            raise SettingsError(f"max_source_tokens is at least 0. Received: {self.max_source_tokens!r}")

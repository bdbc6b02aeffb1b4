"""What is asked of all translations beside what the settings say, and what does not go together."""

from dataclasses import dataclass

from mtkit.errors import SettingsError
from mtkit.settings import TranslateSettings
from mtkit.translating.glossary import Glossary
from mtkit.translating.protect import Protection
from mtkit.translating.unknown import Replacement


@dataclass(frozen=True)
class Demands:
    """What is asked of all translations.

    Attributes:
        banned: phrases that none may hold.
        glossary: terms that they must hold, as far as they can be brought to.
        protection: what finds text that must stay as it is.
        replacement: of unknown words.
    """

    banned: tuple[str, ...] = ()
    glossary: Glossary | None = None
    protection: Protection | None = None
    replacement: Replacement | None = None


def needing_attention(settings: TranslateSettings, demands: Demands) -> list[str]:
    """The options in use that look at attention."""
    looking = {
        "--alignments": settings.alignments,
        "--attention": settings.attention,
        "--coverage-penalty": settings.coverage_penalty,
        "--replace-unknown": demands.replacement,
        "--protect": demands.protection,
    }
    return [name for name, value in looking.items() if value]


def beyond_plain(settings: TranslateSettings, demands: Demands) -> list[str]:
    """The options in use that steer a search step by step, or look into it; the others are plain beam search
    and its length.
    """
    steering = {
        "--sample": settings.sample,
        "--no-repeat-ngram": settings.no_repeat_ngram,
        "--ban": demands.banned,
        "--repetition-penalty": settings.repetition_penalty,
        "--force-reference": settings.force_reference,
        "--glossary": demands.glossary,
        "--prefixes": settings.prefixes,
        "--ensemble": settings.ensemble,
        "--shortlist": settings.shortlist,
        "--explain": settings.explain,
        "--signals": settings.signals,
        "--min-length": settings.min_length,
        "--min-length-factor": settings.min_length_factor,
    }
    return [*(name for name, value in steering.items() if value), *needing_attention(settings, demands)]


def check_together(settings: TranslateSettings, demands: Demands, attends: bool, has_unknown: bool) -> None:
    """Raise SettingsError for what does not go together.

    Args:
        attends: whether the model has attention.
        has_unknown: whether its vocabulary lacks something.
    """
    if settings.n_best > settings.beam and not settings.sample:
        raise SettingsError(
            f"--n-best {settings.n_best} needs --beam {settings.n_best} or more. Received: {settings.beam}"
        )
    if settings.force_reference and (settings.sample or settings.prefixes or settings.n_best > 1):
        raise SettingsError("--force-reference searches nothing: leave --sample, --prefixes and --n-best out")
    if settings.force_reference and settings.shortlist:
        raise SettingsError(
            "--force-reference gives the probabilities of the whole vocabulary: leave --shortlist out"
        )
    steering = {
        "--sample": settings.sample,
        "--force-reference": settings.force_reference,
        "--prefixes": settings.prefixes,
        "--ban": demands.banned,
        "--no-repeat-ngram": settings.no_repeat_ngram,
        "--repetition-penalty": settings.repetition_penalty,
        "--min-length": settings.min_length,
        "--min-length-factor": settings.min_length_factor,
    }
    in_the_way = [name for name, value in steering.items() if value]
    if demands.glossary and in_the_way:
        raise SettingsError(f"--glossary has a search of its own: leave {', '.join(in_the_way)} out")
    about_the_line = {
        "--alignments": settings.alignments,
        "--attention": settings.attention,
        "--explain": settings.explain,
        "--prefixes": settings.prefixes,
        "--force-reference": settings.force_reference,
    }
    in_the_way = [name for name, value in about_the_line.items() if value]
    if demands.protection and in_the_way:
        raise SettingsError(
            f"--protect takes text out of the line that is translated: leave {', '.join(in_the_way)} out"
        )
    if demands.replacement and (settings.prefixes or settings.force_reference or demands.banned):
        raise SettingsError(
            "--replace-unknown puts words in afterwards: leave --prefixes, --force-reference and --ban out"
        )
    looking = needing_attention(settings, demands)
    if looking and not attends:
        raise SettingsError(f"{' and '.join(looking)} can be had of a model with attention only")
    if demands.replacement and not has_unknown:
        raise SettingsError(
            "--replace-unknown: the vocabulary spells what it lacks in bytes; no translation has unknown"
            " words"
        )

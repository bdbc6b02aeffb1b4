"""What goes together, and what an engine must be able to do for it: the one place that tells.

Whatever a user can ask for has the name of its option. `options_in_use` names those of a request; a command
adds the names of its own. RULES tell which exclude each other, NEEDS what they ask of an engine.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mtkit.engines.engine_kind import ATTENTION, STEPS, EngineKind
from mtkit.errors import SettingsError
from mtkit.settings.option import refuse_single
from mtkit.settings.search import Search
from mtkit.translating.demanded_terms import DemandedTerms
from mtkit.translating.demands import Demands
from mtkit.translating.looked_into import Choices, Entropies
from mtkit.translating.protected_text import TextPutBack
from mtkit.translating.unknown_words import UnknownWords

# What may be kept of a search beside text and score, and the option that is for it. With "score" the score is
# the model's own, whatever runs it.
KEEP = {
    "score": "",
    "alignment": "--alignments",
    "attention": "--attention",
    "entropies": "--signals",
    "choices": "--explain",
}
# With a higher length penalty CTranslate2 ends its searches too early.
MOST_LENGTH_PENALTY = 1.0

# What is translated: lines, or the texts of a file, which is filled.
LINES = "lines"
STDIN = "stdin"
SEVERAL = "several files"
FILLED = "a file that is filled"
WITHOUT_STATES = "a file without states"
FORMATS = ("--format tsv", "--format jsonl")


def options_in_use(
    search: Search, keep: Collection[str] = (), demands: Demands | None = None, given: Collection[str] = ()
) -> frozenset[str]:
    """The options of a request that are not at rest.

    Args:
        given: "--prefixes" or "--force-reference", where each line comes with such a text; and what else a
            command was asked for.

    Raises:
        SettingsError: something unknown is to be kept.
    """
    refuse_single("keep", keep)
    demands = demands or Demands()
    unknown = sorted(set(keep) - set(KEEP))
    if unknown:
        raise SettingsError(f"keep takes {', '.join(KEEP)}. Received: {', '.join(unknown)}")
    in_use: Mapping[str, Any] = {
        "--n-best": search.n_best > 1,
        "--sample": search.sample,
        "--coverage-penalty": search.coverage_penalty,
        "--min-length": search.min_length,
        "--min-length-factor": search.min_length_factor,
        "--no-repeat-ngram": search.no_repeat_ngram,
        "--repetition-penalty": search.repetition_penalty,
        "--shortlist": search.shortlist,
        "--ban": demands.banned,
        "--glossary": demands.glossary,
        "--protect": demands.protection and FILLED not in given,
        "--replace-unknown": demands.replacement,
    }
    kept = {option for name, option in KEEP.items() if name in keep and option}
    return frozenset(name for name, value in in_use.items() if value) | kept | frozenset(given)


# What is beyond plain beam search, and what it needs of an engine.
STEER = frozenset({STEPS})
ATTEND = frozenset({STEPS, ATTENTION})
NEEDS = {
    "--sample": STEER,
    "--no-repeat-ngram": STEER,
    "--ban": STEER,
    "--repetition-penalty": STEER,
    "--force-reference": STEER,
    "--glossary": DemandedTerms.needs,
    "--prefixes": STEER,
    "--shortlist": STEER,
    "--explain": Choices.needs,
    "--signals": Entropies.needs,
    "--min-length": STEER,
    "--min-length-factor": STEER,
    "--alignments": ATTEND,
    "--attention": ATTEND,
    "--coverage-penalty": ATTEND,
    "--replace-unknown": UnknownWords.needs,
    "--protect": TextPutBack.needs,
    FILLED: TextPutBack.needs,
}
# What an engine is like that lacks an ability.
WITHOUT = {STEPS: "does plain searches", ATTENTION: "gives no attention"}
# What is about whole lines, so that none is split.
ABOUT_LINES = ("--n-best", "--explain", "--alignments", "--attention", "--prefixes", "--force-reference")


@dataclass(frozen=True)
class Rule:
    """What an option does not go with.

    Attributes:
        option: it is in use.
        others: none of these may be.
        reason: why, behind the name of the option.
        advice: what to do; {others} are those in use.
    """

    option: str
    others: tuple[str, ...]
    reason: str
    advice: str = "leave {others} out"


RULES = (
    Rule(
        "--force-reference",
        ("--sample", "--prefixes", "--n-best"),
        "searches nothing",
    ),
    Rule("--force-reference", ("--shortlist",), "gives the probabilities of the whole vocabulary"),
    Rule(
        "--glossary",
        (
            "--sample",
            "--force-reference",
            "--prefixes",
            "--ban",
            "--no-repeat-ngram",
            "--repetition-penalty",
            "--min-length",
            "--min-length-factor",
        ),
        "has a search of its own",
    ),
    Rule(
        "--protect",
        ("--alignments", "--attention", "--explain", "--prefixes", "--force-reference"),
        "takes text out of the line that is translated",
    ),
    Rule(
        "--replace-unknown",
        ("--prefixes", "--force-reference", "--ban"),
        "puts words in afterwards",
    ),
    Rule("--n-best", ("--format text",), "gives several translations a line", "use --format tsv or jsonl"),
    Rule("--signals", ("--format text",), "gives figures beside a translation", "use --format tsv or jsonl"),
    Rule("--signals", ("--force-reference",), "is about translations that were searched for"),
    Rule(
        "--explain",
        ("--n-best", "--force-reference", *FORMATS),
        "is about the best translation",
    ),
    Rule(
        FILLED,
        (
            *FORMATS,
            "--n-best",
            "--journal",
            "--force-reference",
            "--prefixes",
            "--alignments",
            "--attention",
            "--explain",
            "--signals",
        ),
        "is not translated line by line",
    ),
    Rule("--memory", (LINES,), "is for a file that is filled, such as .po or .xlf", "leave it out"),
    Rule("--fuzzy", (LINES,), "is for a file that is filled, such as .po or .xlf", "leave it out"),
    Rule(
        "--fuzzy",
        (WITHOUT_STATES,),
        "is for files that say which translations are doubtful",
        "leave it out",
    ),
    Rule("--wrapped", (FILLED,), "is about plain text", "leave it out, and the file is filled"),
    Rule("--wrapped", (STDIN,), "is about a file", "name it, since stdin is translated line by line"),
    Rule(SEVERAL, (FILLED,), "are translated line by line", "name a file that is filled by itself"),
)


def check_together(in_use: Collection[str]) -> None:
    """Raise SettingsError for options that exclude each other."""
    for rule in RULES:
        others = [option for option in rule.others if option in in_use]
        if rule.option in in_use and others:
            advice = rule.advice.format(others=", ".join(others))
            raise SettingsError(f"{rule.option} {rule.reason}: {advice}")


def check_beam(search: Search) -> None:
    """Raise SettingsError where a beam is too narrow for the translations that are asked for."""
    if search.n_best > search.beam and not search.sample:
        raise SettingsError(
            f"--n-best {search.n_best} needs --beam {search.n_best} or more. Received: {search.beam}"
        )


def needs_of(in_use: Collection[str]) -> frozenset[str]:
    """What an engine must be able to do for these options."""
    return frozenset().union(*(needs for option, needs in NEEDS.items() if option in in_use))


def needing(ability: str, in_use: Collection[str]) -> list[str]:
    """Those of the options that need an ability of the engine."""
    return [option for option, needs in NEEDS.items() if option in in_use and ability in needs]


def check_engine(kind: EngineKind, in_use: Collection[str]) -> None:
    """Raise SettingsError for options that are beyond the engine that was named."""
    for ability, without_it in WITHOUT.items():
        options = needing(ability, in_use)
        if options and ability not in kind.abilities:
            raise SettingsError(f"--engine {kind.name} {without_it}: leave it out, or {', '.join(options)}")


def check_model(in_use: Collection[str], *, attends: bool, has_unknown: bool) -> None:
    """Raise SettingsError for options that the model cannot serve.

    Args:
        attends: whether it has attention.
        has_unknown: whether its vocabulary lacks something.
    """
    attentive = needing(ATTENTION, in_use)
    if attentive and not attends:
        raise SettingsError(f"{' and '.join(attentive)} can be had of a model with attention only")
    if "--replace-unknown" in in_use and not has_unknown:
        raise SettingsError(
            "--replace-unknown: the vocabulary spells what it lacks in bytes; no translation has unknown"
            " words"
        )


def keeps_lines_whole(in_use: Collection[str]) -> bool:
    """Whether something is about whole lines, so that none is split."""
    return any(option in in_use for option in ABOUT_LINES)

"""Clauses: subject, verb group, object, place and time put together in both languages."""

from dataclasses import dataclass

from . import english, french
from .adjuncts import draw_place, draw_time
from .dice import Dice
from .phrases import (
    NUMBERS,
    OWNABLE,
    POSSESSIVES,
    NounPhrase,
    Pair,
    Words,
    draw_adjectives,
    draw_definite,
    draw_determiner,
    draw_noun,
    draw_owner,
    draw_subject,
    noun_phrase,
)
from .verbs import HAVE
from .words import Agreement, Noun, Verb

TENSE_WEIGHTS = (
    (26, "present"),
    (8, "progressive"),
    (30, "past"),
    (6, "past progressive"),
    (6, "used to"),
    (12, "future"),
    (7, "going to"),
    (4, "can"),
    (4, "must"),
    (4, "want to"),
    (3, "would like to"),
    (3, "should"),
)
ADVERBS = (("often", "souvent"), ("always", "toujours"), ("sometimes", "parfois"), ("rarely", "rarement"))
TIMELESS = ("never", "no longer")  # "I never bought it yesterday" makes no sense.
CONTINUOUS_TENSES = ("progressive", "past progressive", "used to")


@dataclass(frozen=True)
class Sentence:
    """A finished sentence pair.

    Args:
        pairs: Every (adjective, noun) and (verb, object or place) pair that stands together in it.
    """

    english: str
    french: str
    pairs: tuple[Pair, ...]


def finish(words: Words, mark: str = ".") -> Sentence:
    """Close a clause with a full stop, ? or !."""
    return Sentence(english.sentence(words.english, mark), french.sentence(words.french, mark), words.pairs)


def chain(*parts: Words | NounPhrase) -> Words:
    """Join pieces that stand in the same order in both languages."""
    return Words(
        english.join(*(part.english for part in parts)),
        french.join(*(part.french for part in parts)),
        tuple(pair for part in parts for pair in part.pairs),
    )


def uses_tense(verb: Verb, tense: str) -> bool:
    """Say whether the grammar uses a verb in a tense."""
    if verb.feeling:
        return tense == "present"
    if verb is HAVE:
        return tense in ("present", "future", "would like to", "if")
    if verb.accident and tense not in ("present", "past", "going to"):
        return False
    if tense in CONTINUOUS_TENSES:
        return verb.continuous
    return verb.future if tense == "future" else True


def draw_tense(dice: Dice, verb: Verb, only: tuple[str, ...] = ()) -> str:
    """Draw a tense a verb is used in; `only` narrows the choice where the verb has any of these."""
    table = [entry for entry in TENSE_WEIGHTS if uses_tense(verb, entry[1])]
    narrowed = [entry for entry in table if entry[1] in only]
    return dice.weighted(narrowed or table)


def draw_negation(dice: Dice, verb: Verb, tense: str, percent: int = 22) -> str:
    """Draw a negation (or none) that goes with a tense: never and no longer need a simple one."""
    if tense == "used to" or not dice.chance(percent):
        return ""
    if verb.feeling:
        return dice.weighted([(70, "not"), (30, "no longer")])
    if tense == "present":
        return dice.weighted([(50, "not"), (25, "never"), (25, "no longer")])
    if tense == "past":
        return dice.weighted([(75, "not"), (25, "never")])
    if tense == "future":
        return dice.weighted([(65, "not"), (20, "never"), (15, "no longer")])
    return "not"


def reads_as_past(verb: Verb, tense: str, subject: Agreement, negation: str) -> bool:
    """Say whether a present form looks like the past ("they read"): such sentences are not written."""
    same = verb.english.past == verb.english.base
    return same and tense == "present" and negation != "not" and not english.is_third_singular(subject)


def verb_words(
    verb: Verb,
    tense: str,
    subject: Agreement,
    *,
    negation: str = "",
    clitic: str = "",
    adverb: tuple[str, str] = ("", ""),
    preceding: Agreement | None = None,
) -> Words:
    """Build the verb group of a statement in both languages (see `french.verb_group`)."""
    return Words(
        english.verb_group(verb.english, tense, subject, negation=negation, adverb=adverb[0]),
        french.verb_group(
            verb.french,
            tense,
            subject,
            negation=negation,
            clitic=clitic,
            adverb=adverb[1],
            preceding=preceding,
        ),
    )


def draw_object(dice: Dice, verb: Verb, *, negated: bool = False, noun: Noun | None = None) -> NounPhrase:
    """Draw the object of a verb, with the (verb, noun) pair noted."""
    noun = noun or draw_noun(dice, verb.objects)
    kinds = set(noun.kinds)
    adjectives = draw_adjectives(dice, noun)
    key, plural = draw_determiner(dice, noun)
    owner = None
    whole_kind = verb.feeling and not kinds & {"person", "sight", "taught"}
    if kinds & {"kin", "relation"} and verb is not HAVE:
        key, plural = draw_definite(dice, noun)
    elif verb.feeling and (key not in ("the", "this", *POSSESSIVES) or dice.chance(15)):
        key, plural = ("all", not noun.mass) if whole_kind else ("the", plural)
    elif verb is HAVE:
        if key not in ("a", "some", "many", *NUMBERS):
            key, plural = "a", False
        key = "some" if noun.mass else key
    elif kinds & {"owned", "clothes", "pet", "text"} and dice.chance(12):
        owner = draw_owner(dice)
    elif key in POSSESSIVES and not OWNABLE & kinds:
        key = "the"
    if negated and (key == "many" or key in NUMBERS):
        key, plural = ("a", False) if dice.chance(50) else ("some", True)
    phrase = noun_phrase(
        noun, key, plural=plural, adjectives=adjectives, negated=negated and owner is None, possessor=owner
    )
    pair = (verb.english.base, noun.english)
    return NounPhrase(phrase.english, phrase.french, phrase.agreement, (*phrase.pairs, pair), noun)


def indirect(phrase: NounPhrase) -> Words:
    """Make a noun phrase the receiver: to the teacher / au professeur."""
    return Words(f"to {phrase.english}", french.with_preposition("à", phrase.french), phrase.pairs)


def draw_place_of(dice: Dice, verb: Verb, *, motion: str = "") -> Words:
    """Draw a place that goes with a verb, with the (verb, place) pair noted."""
    place, word = draw_place(dice, verb.places, motion=motion)
    return Words(place.english, place.french, (*place.pairs, (verb.english.base, word)))


def draw_adjuncts(
    dice: Dice, verb: Verb, tense: str, *, negation: str = "", place: int = 22, time: int = 30
) -> Words:
    """Draw a place, a time, both or neither, in this order, as percentages say."""
    if negation in TIMELESS:
        time = 0
    parts = []
    if verb.places and dice.chance(place):
        words, _ = draw_place(dice, verb.places)
        parts.append(words)
    if not verb.feeling and verb is not HAVE and dice.chance(time // 3 if parts else time):
        parts.append(draw_time(dice, tense))
    return chain(*parts)


def front(time: Words, clause: Words) -> Words:
    """Put a time or a clause before the main clause, with a comma."""
    return Words(
        f"{time.english}, {clause.english}", f"{time.french}, {clause.french}", (*time.pairs, *clause.pairs)
    )


def transitive_clause(
    dice: Dice,
    verb: Verb,
    *,
    subject: NounPhrase | None = None,
    tense: str = "",
    negation: str | None = None,
    noun: Noun | None = None,
    adjuncts: bool = True,
) -> Words:
    """Build a statement with a direct object; what is not given is drawn."""
    subject = subject or draw_subject(dice, verb)
    tense = tense or draw_tense(dice, verb)
    if negation is None:
        negation = draw_negation(dice, verb, tense)
    if reads_as_past(verb, tense, subject.agreement, negation):
        tense = "progressive"
        negation = "not" if negation else ""
    adverb = ("", "")
    if tense == "present" and not negation and not verb.feeling and verb is not HAVE and dice.chance(30):
        adverb = dice.pick(ADVERBS)
    group = verb_words(verb, tense, subject.agreement, negation=negation, adverb=adverb)
    thing = draw_object(dice, verb, negated=bool(negation), noun=noun)
    if not adjuncts:
        return chain(subject, group, thing)
    if not verb.feeling and verb is not HAVE and negation not in TIMELESS and dice.chance(7):
        return front(draw_time(dice, tense), chain(subject, group, thing))
    return chain(subject, group, thing, draw_adjuncts(dice, verb, tense, negation=negation))

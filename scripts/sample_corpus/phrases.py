"""Noun phrases and pronouns: the English and the French of each, built together."""

from dataclasses import dataclass
from functools import cache

from . import english, french
from .adjectives import ADJECTIVES, COLOURS, FAMILIES, NATIONALITIES
from .dice import Dice
from .nouns import NAMES, NOUNS
from .words import Adjective, Agreement, Name, Noun, Verb

Pair = tuple[str, str]


@dataclass(frozen=True)
class NounPhrase:
    """A noun phrase or pronoun in both languages.

    Args:
        pairs: The (adjective, noun) pairs inside it.
        noun: Its head, where it has one.
    """

    english: str
    french: str
    agreement: Agreement
    pairs: tuple[Pair, ...] = ()
    noun: Noun | None = None


@dataclass(frozen=True)
class Words:
    """Any other piece of a sentence in both languages, with the word pairs inside it."""

    english: str = ""
    french: str = ""
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Pronoun:
    """A personal pronoun as subject and as object; `indirect` is the French lui, leur ..."""

    subject_english: str
    subject_french: str
    object_english: str
    direct: str
    indirect: str
    agreement: Agreement

    @property
    def phrase(self) -> NounPhrase:
        """The pronoun as a subject."""
        return NounPhrase(self.subject_english, self.subject_french, self.agreement)


I = Pronoun("I", "je", "me", "me", "me", Agreement(1))  # noqa: E741
WE = Pronoun("we", "nous", "us", "nous", "nous", Agreement(1, plural=True))
YOU = Pronoun("you", "vous", "you", "vous", "vous", Agreement(2, plural=True))
HE = Pronoun("he", "il", "him", "le", "lui", Agreement())
SHE = Pronoun("she", "elle", "her", "la", "lui", Agreement(feminine=True))
THEY = Pronoun("they", "ils", "them", "les", "leur", Agreement(plural=True))
PRONOUNS = (I, WE, YOU, HE, SHE, THEY)

ADJECTIVES_OF = {
    noun.english: tuple(entry for entry in ADJECTIVES if set(entry.kinds) & set(noun.kinds)) for noun in NOUNS
}


@cache
def nouns_of(kinds: tuple[str, ...]) -> tuple[Noun, ...]:
    """List the nouns of any of some kinds, in the order of the lexicon."""
    return tuple(noun for noun in NOUNS if set(kinds) & set(noun.kinds))


def draw_noun(dice: Dice, kinds: tuple[str, ...]) -> Noun:
    """Draw a noun of any of some kinds."""
    return dice.pick(nouns_of(kinds))


def draw_adjectives(dice: Dice, noun: Noun, percent: int = 55) -> tuple[Adjective, ...]:
    """Draw none, one or (rarely) two adjectives that go with a noun, in English order."""
    choice = ADJECTIVES_OF[noun.english]
    if not choice or not dice.chance(percent):
        return ()
    first = dice.pick(choice)
    if first.before and dice.chance(20):
        second = [entry for entry in choice if entry.english in COLOURS + NATIONALITIES]
        if second:
            return first, dice.pick(second)
    return (first,)


def noun_phrase(
    noun: Noun,
    key: str,
    *,
    plural: bool = False,
    adjectives: tuple[Adjective, ...] = (),
    negated: bool = False,
    possessor: NounPhrase | None = None,
) -> NounPhrase:
    """Build a noun phrase.

    Args:
        key: The English determiner (see `french.determiner`).
        adjectives: In English order.
        negated: Whether it is the object of a negated verb.
        possessor: A singular owner ("Paul's car"); it replaces the determiner.
    """
    agreement = Agreement(3, plural, noun.feminine)
    english_words = [entry.english for entry in adjectives]
    english_words.append(noun.english_plural if plural else noun.english)
    head = noun.french_plural if plural else noun.french
    before = [french.adjective_form(entry, agreement, head) for entry in adjectives if entry.before]
    after = [french.adjective_form(entry, agreement) for entry in adjectives if not entry.before]
    french_words = [*before, head, *after]
    pairs = tuple((entry.english, noun.english) for entry in adjectives)
    if possessor:
        owner = french.with_preposition("de", possessor.french)
        the = french.determiner("the", agreement, french_words[0])
        return NounPhrase(
            english.join(possessor.english + "'s", *english_words),
            french.join(the, *french_words, owner),
            agreement,
            (*possessor.pairs, *pairs),
            noun,
        )
    english_key = english.determiner(key, plural, english_words[0], negated)
    french_key = french.determiner(
        french_number(key), agreement, french_words[0], mass=noun.mass, negated=negated, before=bool(before)
    )
    return NounPhrase(
        english.join(english_key, *english_words),
        french.join(french_key, *french_words),
        agreement,
        pairs,
        noun,
    )


NUMBERS = {english.number(value): french.number(value) for value in (*range(2, 13), 20, 30)}


def french_number(key: str) -> str:
    """Translate a determiner that is a number word; others pass through."""
    return NUMBERS.get(key, key)


SINGLE = {"venue", "home", "land"}  # Places come one at a time.
POSSESSIVES = ("my", "your", "his", "her", "our", "their")


def draw_determiner(dice: Dice, noun: Noun, *, definite: bool = False) -> tuple[str, bool]:
    """Draw a determiner and a number for a noun.

    Args:
        definite: Keep to the, this and possessives.

    Returns:
        The English determiner and whether the phrase is plural.
    """
    if noun.mass:
        kind = dice.weighted([(0 if definite else 45, "some"), (25, "the"), (15, "this"), (15, "possessive")])
    else:
        kind = dice.weighted(
            [
                (0 if definite else 28, "a"),
                (0 if definite else 8, "some"),
                (28, "the"),
                (12, "this"),
                (20, "possessive"),
                (0 if definite else 8, "number"),
                (0 if definite else 4, "many"),
            ]
        )
    if kind == "possessive":
        kind = dice.pick(POSSESSIVES)
    if kind == "number":
        kind = dice.pick(tuple(NUMBERS)[:9])
    if noun.mass or kind == "a":
        return kind, False
    if SINGLE & set(noun.kinds):
        return (kind, False) if kind in ("the", "this", *POSSESSIVES) else ("a", False)
    return kind, kind in ("some", "many", *NUMBERS) or dice.chance(25)


OWNABLE = {
    "owned",
    "clothes",
    "pet",
    "known",
    "small",
    "home",
    "attended",
    "text",
    "machine",
    "food",
    "drink",
}


def clash(first: str, second: str) -> bool:
    """Say whether two adjectives cannot describe the same thing."""
    return first == second or any(first in family and second in family for family in FAMILIES)


def draw_definite(dice: Dice, noun: Noun) -> tuple[str, bool]:
    """Draw the, this or a possessive that makes sense, and a number; family always has a possessor.

    Returns:
        The English determiner and whether the phrase is plural.
    """
    if "kin" in noun.kinds or "relation" in noun.kinds:
        return dice.pick(POSSESSIVES), bool({"several", "relation"} & set(noun.kinds)) and dice.chance(25)
    key, plural = draw_determiner(dice, noun, definite=True)
    return ("the" if key in POSSESSIVES and not OWNABLE & set(noun.kinds) else key), plural


def draw_owner(dice: Dice) -> NounPhrase:
    """Draw somebody for the possessive 's: Paul, my mother, the teacher."""
    if dice.chance(50):
        return name_phrase(dice.pick(NAMES))
    if dice.chance(50):
        return noun_phrase(draw_noun(dice, ("kin",)), dice.pick(POSSESSIVES))
    return noun_phrase(draw_noun(dice, ("known", "job")), "the")


def name_phrase(name: Name) -> NounPhrase:
    """Make a noun phrase of a name."""
    return NounPhrase(name.text, name.text, Agreement(feminine=name.feminine))


def two_names(first: Name, second: Name) -> NounPhrase:
    """Join two names; the pair is feminine only if both are."""
    return NounPhrase(
        f"{first.text} and {second.text}",
        f"{first.text} et {second.text}",
        Agreement(3, True, first.feminine and second.feminine),
    )


def draw_person(dice: Dice, kinds: tuple[str, ...] = ("person", "kin"), adjectives: int = 35) -> NounPhrase:
    """Draw a noun phrase for a living being: the young actress, my sister, these children."""
    noun = draw_noun(dice, kinds)
    key, plural = draw_definite(dice, noun)
    return noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun, adjectives))


def draw_subject(dice: Dice, verb: Verb | None = None, *, avoid_you: bool = False) -> NounPhrase:
    """Draw the subject of a sentence: a pronoun, a name, two names, people, or animals that do such things.

    Args:
        avoid_you: Leave out "you", whose French number is unknown where something must agree with it.
    """
    what = dice.weighted([(48, "pronoun"), (15, "name"), (5, "names"), (32, "phrase")])
    if what == "pronoun":
        you = 0 if avoid_you else 11
        return dice.weighted([(11, I), (12, WE), (you, YOU), (7, HE), (7, SHE), (8, THEY)]).phrase
    if what == "name":
        return name_phrase(dice.pick(NAMES))
    if what == "names":
        first, second = dice.shuffled(NAMES)[:2]
        return two_names(first, second)
    return draw_person(dice, verb.subjects if verb else ("person", "kin"))


def pronoun_for(phrase: NounPhrase) -> NounPhrase:
    """Take up a person or people again: my sister -> she / elle, Anne and Marie -> they / elles."""
    agreement = phrase.agreement
    if agreement.person != 3:
        return phrase
    if agreement.plural:
        return NounPhrase("they", "elles" if agreement.feminine else "ils", agreement)
    return (SHE if agreement.feminine else HE).phrase


def object_pronoun(phrase: NounPhrase) -> tuple[str, str]:
    """Take up a thing or an animal again as object: it / le or la, them / les."""
    if phrase.agreement.plural:
        return "them", "les"
    return "it", "la" if phrase.agreement.feminine else "le"

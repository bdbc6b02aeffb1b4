"""What the lexicon is made of: agreement, nouns, adjectives, verbs, names."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Person, number and gender of a noun phrase.

    Two conventions make English say enough: "you" is always the polite French `vous`, and a pronoun of
    unknown gender (I, we, they) is masculine.
    """

    person: int = 3
    plural: bool = False
    feminine: bool = False


@dataclass(frozen=True)
class Noun:
    """A noun with its forms in both languages; `kinds` says what verbs and adjectives it goes with."""

    english: str
    english_plural: str
    french: str
    french_plural: str
    feminine: bool
    mass: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Adjective:
    """An adjective in both languages.

    Args:
        liaison: The masculine form before a vowel sound (bel, vieil, nouvel); elsewhere equal to `masculine`.
        before: Whether French puts it before the noun.
        comparative: The English comparative ("bigger", "more modern"), or "" where none is used.
        better: The French comparative of superiority where it is not `plus` + adjective (`meilleur`), or "".
    """

    english: str
    comparative: str
    masculine: str
    feminine: str
    masculine_plural: str
    feminine_plural: str
    liaison: str
    before: bool
    better: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class EnglishVerb:
    """The forms of an English verb; `particle` follows the verb ("for" in "look for")."""

    base: str
    third: str
    past: str
    ing: str
    particle: str = ""


@dataclass(frozen=True)
class FrenchVerb:
    """The forms of a French verb, enough to build every tense of the grammar.

    Args:
        present: The forms for je, il, nous, vous, ils.
        imperfect: The stem of the imparfait, without ending.
        future: The stem of the futur simple and the conditional, without ending.
        etre: Whether compound tenses take `être`.
        reflexive: Whether it is a `se` verb.
    """

    infinitive: str
    present: tuple[str, str, str, str, str]
    participle: str
    imperfect: str
    future: str
    etre: bool = False
    reflexive: bool = False


@dataclass(frozen=True)
class Verb:
    """One sense of a verb in both languages, with what may follow it.

    Args:
        objects: Kinds of noun it takes as its object; none for an intransitive verb.
        places: Kinds of place where it is done.
        subjects: Kinds of noun that do it.
        continuous: Whether "was doing" and "used to do" are used.
        future: Whether "will do" is used.
        feeling: Whether it is a state of mind ("like"): no progressive, no orders, no demands, and a bare
            English object ("likes cats") means the whole kind (`aime les chats`).
        accident: Whether nobody does it on purpose ("lose"): it is never wanted, asked for or ordered.
    """

    english: EnglishVerb
    french: FrenchVerb
    objects: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ("person", "kin")
    continuous: bool = False
    future: bool = False
    feeling: bool = False
    accident: bool = False


@dataclass(frozen=True)
class Name:
    """A person's name, the same in both languages."""

    text: str
    feminine: bool


@dataclass(frozen=True)
class Country:
    """A country; `french` carries its article, and `plural` marks les États-Unis and the like."""

    english: str
    french: str
    feminine: bool = False
    plural: bool = False


@dataclass(frozen=True)
class City:
    """A city, which takes no article in either language."""

    english: str
    french: str

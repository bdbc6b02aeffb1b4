"""French morphology: sounds at word borders, agreement, conjugation, numbers, dates.

Spelling follows the traditional (pre-1990) use. Elision happens in one place, `join`; contraction (au, du) in
another, `with_preposition`.
"""

from .verbs import ALLER, AVOIR, DEVOIR, ETRE, POUVOIR, VOULOIR
from .words import Adjective, Agreement, Country, FrenchVerb

# Words whose first letter blocks elision although it looks as if it did not: le haricot, le onze.
ASPIRATED = (
    "hamster",
    "hamsters",
    "haricot",
    "haricots",
    "haut",
    "haute",
    "hauts",
    "hautes",
    "héros",
    "hibou",
    "hiboux",
    "hérisson",
    "hérissons",
    "homard",
    "homards",
    "hockey",
    "huit",
    "onze",
    "oui",
)
VOWELS = "aâàeéèêëiîïoôöuùûüœæh"
ELIDED = ("je", "me", "te", "se", "le", "la", "ne", "de", "que", "ce")

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
UNITS = (
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
)
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}

# "nobody" has no second part in the verb group: `personne` stands where the object does.
NEGATIONS = {"not": "pas", "never": "jamais", "no longer": "plus", "nothing": "rien", "nobody": ""}
# English tense -> the verb before the infinitive, and the tense of that verb.
HELPERS = {
    "going to": (ALLER, "present"),
    "can": (POUVOIR, "present"),
    "must": (DEVOIR, "present"),
    "should": (DEVOIR, "conditional"),
    "want to": (VOULOIR, "present"),
    "would like to": (VOULOIR, "conditional"),
}
FRENCH_TENSE = {
    "present": "present",
    "progressive": "present",
    "past": "compound",
    "past progressive": "imperfect",
    "used to": "imperfect",
    "if": "imperfect",
    "future": "future",
    "conditional": "conditional",
}
IMPERFECT_ENDINGS = ("ais", "ait", "ions", "iez", "aient")
FUTURE_ENDINGS = ("ai", "a", "ons", "ez", "ont")

POSSESSIVES = {
    "my": ("mon", "ma", "mes"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "your": ("votre", "votre", "vos"),
    "their": ("leur", "leur", "leurs"),
}
QUANTITIES = {"many": "beaucoup de", "how many": "combien de", "several": "plusieurs", "every": "chaque"}


def starts_with_vowel_sound(text: str) -> bool:
    """Say whether the first word makes le, de, ne ... lose their vowel (h muet does, h aspiré does not)."""
    first = text.replace("-", " ").split(" ")[0].lower()
    if first in ASPIRATED:
        return False
    return first == "y" or first[:1] in tuple(VOWELS)


def join(*parts: str) -> str:
    """Join words and elide: je + ai -> j'ai, le + ami -> l'ami, si + il -> s'il; empty parts vanish."""
    text = ""
    for word in reversed(" ".join(part for part in parts if part).split(" ")):
        low = word.lower()
        elides = low in ELIDED and starts_with_vowel_sound(text) if text else False
        if elides or (low == "si" and text.split(" ")[0] in ("il", "ils")):
            text = f"{word[:-1]}'{text}"
        else:
            text = f"{word} {text}" if text else word
    return text


def with_preposition(preposition: str, phrase: str) -> str:
    """Put a preposition before a noun phrase and contract: à + le -> au, près de + les -> près des."""
    contracted = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
    head, _, last = preposition.rpartition(" ")
    article, _, rest = phrase.partition(" ")
    if (last, article) in contracted:
        return join(head, contracted[last, article], rest)
    return join(preposition, phrase)


def pick_form(
    agreement: Agreement, masculine: str, feminine: str, masculine_plural: str, feminine_plural: str
) -> str:
    """Choose one of four forms by gender and number."""
    if agreement.plural:
        return feminine_plural if agreement.feminine else masculine_plural
    return feminine if agreement.feminine else masculine


def adjective_form(adjective: Adjective, agreement: Agreement, next_word: str = "") -> str:
    """Make an adjective agree; before a masculine vowel sound beau is bel, vieux vieil, nouveau nouvel."""
    masculine = adjective.liaison if starts_with_vowel_sound(next_word) else adjective.masculine
    return pick_form(
        agreement, masculine, adjective.feminine, adjective.masculine_plural, adjective.feminine_plural
    )


def participle_form(participle: str, agreement: Agreement) -> str:
    """Make a past participle agree: acheté, achetée, achetés, achetées; pris, prise, pris, prises."""
    plural = participle if participle.endswith("s") else participle + "s"
    return pick_form(agreement, participle, participle + "e", plural, participle + "es")


def determiner(
    key: str,
    agreement: Agreement,
    next_word: str,
    *,
    mass: bool = False,
    negated: bool = False,
    before: bool = False,
) -> str:
    """Give the French determiner for an English one.

    Args:
        key: The English determiner: the, a, some, no, all (none in English: "likes cats"), this, which, my,
            many; any other word is given back, so that French numbers pass through.
        next_word: The word after it, which decides cet, mon (amie) and de l'.
        mass: Whether the noun is one like `pain`, whose "some" is du, de la, de l'.
        negated: Whether the phrase is the object of a negated verb: a and some become de.
        before: Whether an adjective stands before the noun: des becomes de in front of a plural one.
    """
    vowel = starts_with_vowel_sound(next_word)
    if key == "no" or (key in ("a", "some") and negated):
        return "de"
    if key in ("the", "all"):
        return pick_form(agreement, "le", "la", "les", "les")
    if key == "a":
        return "une" if agreement.feminine else "un"
    if key == "some" and mass:
        return "de la" if agreement.feminine or vowel else "du"  # Before a vowel `join` makes de l' of de la.
    if key == "some":
        return "de" if before else "des"
    if key == "this":
        return pick_form(agreement, "cet" if vowel else "ce", "cette", "ces", "ces")
    if key == "which":
        return pick_form(agreement, "quel", "quelle", "quels", "quelles")
    if key in POSSESSIVES:
        masculine, feminine, plural = POSSESSIVES[key]
        return pick_form(agreement, masculine, masculine if vowel else feminine, plural, plural)
    return QUANTITIES.get(key, key)


def person_index(agreement: Agreement) -> int:
    """Give the place of a subject in je, il, nous, vous, ils."""
    if agreement.person == 2:
        return 3
    if agreement.person == 1:
        return 2 if agreement.plural else 0
    return 4 if agreement.plural else 1


def conjugate(verb: FrenchVerb, tense: str, agreement: Agreement) -> str:
    """Give a simple form of a verb: present, imperfect, future or conditional."""
    index = person_index(agreement)
    if tense == "present":
        return verb.present[index]
    if tense == "future":
        return verb.future + FUTURE_ENDINGS[index]
    if tense == "conditional":
        return verb.future + IMPERFECT_ENDINGS[index]
    if tense != "imperfect":
        raise ValueError(f"Expected a simple French tense. Received: {tense}")
    ending = IMPERFECT_ENDINGS[index]
    soft = verb.imperfect.endswith("ge") and ending.startswith("i")  # mangeais, but mangions
    return (verb.imperfect[:-1] if soft else verb.imperfect) + ending


def reflexive_pronoun(agreement: Agreement) -> str:
    """Give me, se, nous, vous, se."""
    return ("me", "se", "nous", "vous", "se")[person_index(agreement)]


def verb_group(
    verb: FrenchVerb,
    tense: str,
    subject: Agreement,
    *,
    negation: str = "",
    clitic: str = "",
    adverb: str = "",
    preceding: Agreement | None = None,
) -> str:
    """Build everything from ne to the last part of the verb: ne l'ai pas vue, va se lever, n'a rien mangé.

    Args:
        tense: The English tense: present, progressive, past, past progressive, used to, if (the past after
            "if"), future, conditional, going to, can, must, should, want to, would like to.
        negation: not, never, no longer, nothing, nobody, or "".
        clitic: An object pronoun: le, la, les, lui, leur, me, nous, vous, y.
        adverb: A French adverb of frequency, placed after the conjugated verb.
        preceding: Agreement of a direct object that stands before the verb; the participle agrees with it.
    """
    ne = "ne" if negation else ""
    pas = NEGATIONS[negation] if negation else ""
    if verb.reflexive:
        clitic = reflexive_pronoun(subject)
    if tense in HELPERS:
        helper, helper_tense = HELPERS[tense]
        return join(ne, conjugate(helper, helper_tense, subject), pas, adverb, clitic, verb.infinitive)
    simple = FRENCH_TENSE[tense]
    if simple != "compound":
        return join(ne, clitic, conjugate(verb, simple, subject), pas, adverb)
    with_etre = verb.etre or verb.reflexive
    auxiliary = conjugate(ETRE if with_etre else AVOIR, "present", subject)
    agrees_with = subject if with_etre else (preceding or Agreement())
    return join(ne, clitic, auxiliary, pas, adverb, participle_form(verb.participle, agrees_with))


def number(value: int, *, feminine: bool = False) -> str:
    """Spell a whole number from 0 to 999: vingt et une, soixante et onze, quatre-vingts, deux cents."""
    if not 0 <= value <= 999:
        raise ValueError(f"Expected a number from 0 to 999. Received: {value}")
    hundreds, rest = divmod(value, 100)
    if hundreds:
        head = "cent" if hundreds == 1 else f"{UNITS[hundreds]} cent"
        if rest:
            return f"{head} {number(rest, feminine=feminine)}"
        return head if hundreds == 1 else head + "s"
    if value < 20:
        return "une" if feminine and value == 1 else UNITS[value]
    tens = value // 20 * 20 if value >= 60 else value // 10 * 10
    unit = value - tens
    if unit == 0:
        return "quatre-vingts" if tens == 80 else TENS[tens]
    link = " et " if unit in (1, 11) and tens != 80 else "-"
    return TENS[tens] + link + ("une" if feminine and unit == 1 else UNITS[unit])


def date(day: int, month: int, weekday: int | None = None) -> str:
    """Give a date: le 3 mai, le lundi 1er août. `month` and `weekday` count from 0."""
    words = ["le"] if weekday is None else ["le", WEEKDAYS[weekday]]
    return " ".join([*words, "1er" if day == 1 else str(day), MONTHS[month]])


def hour(value: int, part: str = "") -> str:
    """Give a time of day in words: une heure, trois heures et demie, cinq heures moins le quart, midi.

    Args:
        value: The hour, from 1 to 12; 12 is noon.
        part: "", "half past", "a quarter past" or "a quarter to".
    """
    words = "midi" if value == 12 else f"{number(value, feminine=True)} heure" + ("s" if value > 1 else "")
    half = "et demi" if value == 12 else "et demie"
    tail = {"": "", "half past": half, "a quarter past": "et quart", "a quarter to": "moins le quart"}[part]
    return join(words, tail)


def country_place(country: Country) -> str:
    """Say in or to a country: en France, en Iran, au Japon, aux États-Unis."""
    name = country.french.split(" ")[-1].removeprefix("l'")
    if not country.plural and (country.feminine or starts_with_vowel_sound(name)):
        return f"en {name}"
    return with_preposition("à", country.french)


def country_origin(country: Country) -> str:
    """Say from a country: de France, d'Iran, du Japon, des États-Unis."""
    name = country.french.split(" ")[-1].removeprefix("l'")
    if not country.plural and (country.feminine or starts_with_vowel_sound(name)):
        return join("de", name)
    return with_preposition("de", country.french)


def sentence(text: str, mark: str = ".") -> str:
    """Capitalise and close a sentence; ? and ! stand after a space in French."""
    return text[:1].upper() + text[1:] + ("" if mark == "." else " ") + mark

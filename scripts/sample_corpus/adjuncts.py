"""Places and times: the English and the French of each, built together."""

from . import english, french
from .dice import Dice
from .nouns import CITIES, COUNTRIES
from .phrases import NounPhrase, Words, draw_adjectives, draw_definite, draw_noun, noun_phrase
from .words import City, Country, Noun

# Places

PREPOSITIONS = {
    "in": "dans",
    "at": "à",
    "to": "à",
    "from": "de",
    "on": "sur",
    "under": "sous",
    "behind": "derrière",
    "in front of": "devant",
    "near": "près de",
    "with": "avec",
    "for": "pour",
    "without": "sans",
}


def with_preposition(preposition: str, phrase: NounPhrase) -> Words:
    """Put a preposition before a noun phrase in both languages."""
    return Words(
        english.join(preposition, phrase.english),
        french.with_preposition(PREPOSITIONS[preposition], phrase.french),
        phrase.pairs,
    )


def geography(preposition: str, place: Country | City) -> Words:
    """Say in, to or from a country or a city: in Japan / au Japon, from Athens / d'Athènes."""
    text = english.join(preposition, place.english)
    if isinstance(place, City):
        return Words(text, french.join("de" if preposition == "from" else "à", place.french))
    make = french.country_origin if preposition == "from" else french.country_place
    return Words(text, make(place))


def draw_place(dice: Dice, kinds: tuple[str, ...], *, motion: str = "") -> tuple[Words, str]:
    """Draw a place: where something happens or, with `motion` ("to", "from"), where somebody goes or was.

    Returns:
        The phrase, and the word in it that a verb can be paired with: the English noun, country or city.
    """
    concrete = tuple(kind for kind in kinds if kind != "world")
    if "world" in kinds and (not concrete or dice.chance(35)):
        place = dice.pick(COUNTRIES if dice.chance(60) else CITIES)
        return geography(motion or "in", place), place.english.split(" ")[-1]
    noun = draw_noun(dice, concrete)
    key, _ = draw_definite(dice, noun)
    if key == "this" and "venue" in noun.kinds:
        key = "the"
    phrase = noun_phrase(noun, key, adjectives=draw_adjectives(dice, noun, 45))
    preposition = motion or ("at" if "venue" in noun.kinds else "on" if noun.english == "island" else "in")
    return with_preposition(preposition, phrase), noun.english


def draw_position(dice: Dice, thing: Noun) -> Words:
    """Draw where a thing, an animal or a person is: under the table, near the old bridge."""
    if "small" in thing.kinds or "pet" in thing.kinds:
        surface = draw_noun(dice, ("surface",))
        preposition = dice.pick(("on", "under", "near"))
        adjectives = draw_adjectives(dice, surface, 40)
        return with_preposition(preposition, noun_phrase(surface, "the", adjectives=adjectives))
    building = draw_noun(dice, ("building",))
    preposition = dice.pick(("behind", "in front of", "near"))
    return with_preposition(
        preposition, noun_phrase(building, "the", adjectives=draw_adjectives(dice, building, 40))
    )


# Times

PAST_TIMES = (
    ("yesterday", "hier"),
    ("this morning", "ce matin"),
    ("last week", "la semaine dernière"),
    ("last month", "le mois dernier"),
    ("last year", "l'année dernière"),
    ("last summer", "l'été dernier"),
)
FUTURE_TIMES = (
    ("tomorrow", "demain"),
    ("this evening", "ce soir"),
    ("next week", "la semaine prochaine"),
    ("next month", "le mois prochain"),
    ("next year", "l'année prochaine"),
    ("next summer", "l'été prochain"),
)
HABIT_TIMES = (
    ("every day", "chaque jour"),
    ("every week", "chaque semaine"),
    ("every summer", "chaque été"),
    ("every winter", "chaque hiver"),
    ("in the morning", "le matin"),
    ("in the evening", "le soir"),
)
SEASONS = (("every summer", "chaque été"), ("every winter", "chaque hiver"))
PRESENT_TIMES = (("now", "maintenant"), ("today", "aujourd'hui"))
YEARS = (1998, 2010, 2020)
MINUTES = (10, 15, 30, 45)
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def draw_date(dice: Dice) -> Words:
    """Draw a date: on 3 May, on Monday 12 June, on Friday, in July."""
    month = dice.below(12)
    weekday = dice.below(7)
    what = dice.weighted([(50, "day"), (25, "weekday and day"), (15, "weekday"), (10, "month")])
    if what == "weekday":
        return Words(f"on {english.WEEKDAYS[weekday]}", french.WEEKDAYS[weekday])
    if what == "month":
        return Words(f"in {english.MONTHS[month]}", f"en {french.MONTHS[month]}")
    day = 1 if dice.chance(8) else 1 + dice.below(DAYS_IN_MONTH[month])
    named = weekday if what == "weekday and day" else None
    return Words(english.date(day, month, named), french.date(day, month, named))


def draw_hour(dice: Dice, *, early: bool = False) -> Words:
    """Draw a time of day, in words (half past three) or digits (8:30 / 8 h 30); `early`: a morning one."""
    if dice.chance(35):
        hour, minute = 7 + dice.below(4 if early else 14), dice.pick(MINUTES)
        return Words(f"at {hour}:{minute}", f"à {hour} h {minute}")
    part = dice.weighted([(50, ""), (20, "half past"), (15, "a quarter past"), (15, "a quarter to")])
    hour = 5 + dice.below(6) if early else 1 + dice.below(11 if part else 12)
    return Words(f"at {english.hour(hour, part)}", f"à {french.hour(hour, part)}")


def draw_time(dice: Dice, tense: str, *, far: bool = False) -> Words:
    """Draw a time that goes with a tense; `far` is for journeys: every summer, no time of day."""
    if tense in ("present", "used to"):
        if far:
            return Words(*dice.pick(SEASONS))
        if tense == "present" and dice.chance(30):
            return draw_hour(dice)
        if dice.chance(20):
            day = dice.below(7)
            return Words(f"every {english.WEEKDAYS[day]}", f"chaque {french.WEEKDAYS[day]}")
        return Words(*dice.pick(HABIT_TIMES))
    if tense == "progressive":
        return Words(*dice.pick(PRESENT_TIMES))
    if tense in ("past", "past progressive"):
        if dice.chance(40):
            return Words(*dice.pick(PAST_TIMES))
        if tense == "past" and dice.chance(15):
            year = dice.pick(YEARS)
            return Words(f"in {year}", f"en {year}")
    elif dice.chance(40):
        return Words(*dice.pick(FUTURE_TIMES))
    return draw_hour(dice) if not far and dice.chance(40) else draw_date(dice)

"""Sentence patterns with one clause: doing, going, giving, being, having."""

from functools import cache

from . import english, french
from .adjectives import ADJECTIVE, GRADABLE
from .adjuncts import draw_hour, draw_position, draw_time, with_preposition
from .clauses import (
    ADVERBS,
    TIMELESS,
    Sentence,
    chain,
    draw_adjuncts,
    draw_negation,
    draw_object,
    draw_place_of,
    draw_tense,
    finish,
    front,
    indirect,
    transitive_clause,
    verb_words,
)
from .dice import Dice
from .nouns import CITIES, COUNTRIES
from .phrases import (
    ADJECTIVES_OF,
    NUMBERS,
    PRONOUNS,
    NounPhrase,
    Words,
    clash,
    draw_adjectives,
    draw_definite,
    draw_noun,
    draw_person,
    draw_subject,
    noun_phrase,
    nouns_of,
)
from .verbs import (
    ARRIVE,
    AVOIR,
    COME,
    COST,
    DOING,
    ETRE,
    GET_UP,
    GIVING,
    GO,
    HAVE,
    LEAVE,
    LIVE,
    PLAY,
    SLEEP,
    SPEAK,
    STAY,
    TRANSITIVE,
    WORK,
)
from .words import Agreement, Noun

DEGREES = (("very", "très"), ("too", "trop"), ("", ""), ("", ""))
PERSON_VERBS = tuple(
    DOING[base] for base in ("see", "meet", "help", "call", "invite", "look", "wait", "know")
)
MOVES = (
    (26, GO),
    (14, COME),
    (10, ARRIVE),
    (12, STAY),
    (12, LIVE),
    (14, WORK),
    (12, SLEEP),
    (12, PLAY),
)
DESCRIBED = (
    "person",
    "kin",
    "animal",
    "food",
    "drink",
    "text",
    "small",
    "clothes",
    "vehicle",
    "furniture",
    "machine",
    "opening",
    "room",
    "building",
    "outside",
    "land",
    "sound",
    "show",
    "study",
)
LOW_PRICES = tuple((english.number(value), french.number(value)) for value in range(2, 13))
HIGH_PRICES = tuple((english.number(value), french.number(value)) for value in (20, 30, 200, 300))
HIGH_PRICES += tuple((str(value), str(value)) for value in (15, 20, 25, 30, 45, 100))
ABROAD = tuple(place.english.split(" ")[-1] for place in (*COUNTRIES, *CITIES))


def transitive(dice: Dice) -> Sentence:
    """My sister bought a red car in Paris on 3 May."""
    return finish(transitive_clause(dice, dice.pick(TRANSITIVE)))


def having(dice: Dice) -> Sentence:
    """Paul has two small cats."""
    return finish(transitive_clause(dice, HAVE, tense="present" if dice.chance(75) else ""))


def speaking(dice: Dice) -> Sentence:
    """Anne never speaks to the new doctor (parler à)."""
    verb = SPEAK
    subject = draw_subject(dice, verb)
    tense = draw_tense(dice, verb)
    negation = draw_negation(dice, verb, tense)
    noun = draw_noun(dice, verb.objects)
    key, plural = draw_definite(dice, noun)
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun))
    pair = (verb.english.base, noun.english)
    french_thing = french.with_preposition("à", thing.french)
    group = verb_words(verb, tense, subject.agreement, negation=negation)
    adjuncts = draw_adjuncts(dice, verb, tense, negation=negation)
    return finish(chain(subject, group, Words(thing.english, french_thing, (*thing.pairs, pair)), adjuncts))


def moving(dice: Dice) -> Sentence:
    """The children go to the museum every Monday."""
    verb = dice.weighted(MOVES)
    subject = draw_subject(dice, verb, avoid_you=verb.french.etre)
    tense = draw_tense(dice, verb)
    negation = draw_negation(dice, verb, tense)
    usual = tense == "present" and not negation and verb is not LIVE
    adverb = dice.pick(ADVERBS) if usual and dice.chance(30) else ("", "")
    motion = "to" if verb is GO else dice.pick(("to", "from")) if verb is COME else ""
    group = verb_words(verb, tense, subject.agreement, negation=negation, adverb=adverb)
    place = draw_place_of(dice, verb, motion=motion)
    clause = chain(subject, group, place)
    if negation in TIMELESS:
        return finish(clause)
    time = draw_time(dice, tense, far=verb is LIVE or place.pairs[-1][1] in ABROAD)
    if dice.chance(10):
        return finish(front(time, clause))
    return finish(chain(clause, time) if dice.chance(40) else clause)


def company(dice: Dice) -> Sentence:
    """She left with her old dog on Friday."""
    verb = dice.pick((LEAVE, LEAVE, PLAY, WORK))
    subject = draw_subject(dice, avoid_you=verb.french.etre)
    tense = draw_tense(dice, verb)
    negation = draw_negation(dice, verb, tense)
    group = verb_words(verb, tense, subject.agreement, negation=negation)
    kinds = ("person", "kin") if verb is WORK else ("person", "kin", "pet")
    other = with_preposition("with", draw_person(dice, kinds, adjectives=70))
    time = draw_time(dice, tense) if negation not in TIMELESS and dice.chance(35) else Words()
    return finish(chain(subject, group, other, time))


def getting_up(dice: Dice) -> Sentence:
    """My young brother never gets up at seven o'clock (se lever)."""
    subject = draw_subject(dice, GET_UP, avoid_you=True)
    tense = draw_tense(dice, GET_UP, ("present", "past", "going to", "must", "want to"))
    negation = draw_negation(dice, GET_UP, tense)
    group = verb_words(GET_UP, tense, subject.agreement, negation=negation)
    days = {"present": Words("every day", "chaque jour"), "past": Words("yesterday", "hier")}
    day = Words()
    if negation not in TIMELESS and dice.chance(30):
        day = days.get(tense, Words("tomorrow", "demain"))
    return finish(chain(subject, group, draw_hour(dice, early=True), day))


def draw_object_pronoun(dice: Dice, subject: NounPhrase, *, agreeing: bool = False):
    """Draw a pronoun for somebody other than the subject: never I - me, we - me, you - you.

    Args:
        agreeing: Leave out "you", because a participle would have to agree with it.
    """
    person = subject.agreement.person
    choice = [entry for entry in PRONOUNS if entry.agreement.person == 3 or entry.agreement.person != person]
    return dice.pick([entry for entry in choice if not (agreeing and entry.agreement.person == 2)])


def giving(dice: Dice) -> Sentence:
    """He gave the old book to the teacher; he gave him the old book."""
    verb = dice.pick(GIVING)
    subject = draw_subject(dice, verb)
    tense = draw_tense(dice, verb)
    negation = draw_negation(dice, verb, tense)
    thing = draw_object(dice, verb, negated=bool(negation))
    time = draw_time(dice, tense) if negation not in TIMELESS and dice.chance(20) else Words()
    if dice.chance(45):
        pronoun = draw_object_pronoun(dice, subject)
        group = verb_words(verb, tense, subject.agreement, negation=negation, clitic=pronoun.indirect)
        return finish(chain(subject, group, Words(pronoun.object_english), thing, time))
    group = verb_words(verb, tense, subject.agreement, negation=negation)
    return finish(chain(subject, group, thing, indirect(draw_person(dice, adjectives=20)), time))


def seeing(dice: Dice) -> Sentence:
    """Paul met her in the old church; I do not know them."""
    verb = dice.pick(PERSON_VERBS)
    subject = draw_subject(dice)
    tense = draw_tense(dice, verb)
    negation = draw_negation(dice, verb, tense)
    pronoun = draw_object_pronoun(dice, subject, agreeing=tense == "past")
    group = verb_words(
        verb, tense, subject.agreement, negation=negation, clitic=pronoun.direct, preceding=pronoun.agreement
    )
    adjuncts = draw_adjuncts(dice, verb, tense, negation=negation, place=75, time=30)
    return finish(chain(subject, group, Words(pronoun.object_english), adjuncts))


def nothing(dice: Dice) -> Sentence:
    """We bought nothing at the old market; he sees nobody in the garden."""
    verb, negation = DOING[dice.pick(("eat", "buy", "find", "see", "lose", "sell"))], "nothing"
    if dice.chance(40):
        verb, negation = DOING[dice.pick(("meet", "see", "help"))], "nobody"
    subject = draw_subject(dice)
    tense = draw_tense(dice, verb, ("present", "past", "future"))
    group = verb_words(verb, tense, subject.agreement, negation=negation)
    word = Words(negation, "personne" if negation == "nobody" else "")
    return finish(chain(subject, group, word, draw_adjuncts(dice, verb, tense, place=85, time=35)))


def be_words(subject: Agreement, tense: str, negation: str = "") -> Words:
    """Build a form of be / être: is, was (imparfait), will be, is not, is no longer."""
    if tense == "future":
        verb = english.join("will", negation, "be")
    else:
        verb = english.join(english.be(subject, past=tense == "past"), negation)
    french_tense = "used to" if tense == "past" else tense
    return Words(verb, french.verb_group(ETRE, french_tense, subject, negation=negation))


def predicates(phrase: NounPhrase) -> list[str]:
    """List what can be said of a thing that is not said yet; of people neither "new" nor "good"."""
    noun = phrase.noun
    person = {"person", "kin"} & set(noun.kinds)
    said = [adjective for adjective, of in phrase.pairs if of == noun.english]
    return [
        entry.english
        for entry in ADJECTIVES_OF[noun.english]
        if not any(clash(entry.english, word) for word in said)
        and not (person and entry.english in ("new", "good"))
    ]


def draw_degree(dice: Dice, word: str) -> Words:
    """Draw very, too or nothing for an adjective that has degrees."""
    if ADJECTIVE[word].comparative or word in GRADABLE:
        return Words(*dice.pick(DEGREES))
    return Words()


def draw_described(dice: Dice, adjectives: int = 30) -> tuple[NounPhrase, str]:
    """Draw a subject that can be described, and an adjective for it that is not already there."""
    noun = draw_noun(dice, DESCRIBED)
    inner = draw_adjectives(dice, noun, adjectives if len(ADJECTIVES_OF[noun.english]) > 2 else 0)[:1]
    key, plural = draw_definite(dice, noun)
    phrase = noun_phrase(noun, key, plural=plural, adjectives=inner)
    return phrase, dice.pick(predicates(phrase))


def described(subject: NounPhrase, word: str) -> Words:
    """Make a predicate adjective agree with its subject, with the (adjective, noun) pair noted."""
    pairs = ((word, subject.noun.english),) if subject.noun else ()
    return Words(word, french.adjective_form(ADJECTIVE[word], subject.agreement), pairs)


def describing(dice: Dice) -> Sentence:
    """The old church was very beautiful."""
    subject, word = draw_described(dice)
    tense = dice.weighted([(60, "present"), (28, "past"), (12, "future")])
    negation = dice.weighted([(75, ""), (18, "not"), (7, "no longer" if tense == "present" else "not")])
    degree = draw_degree(dice, word)
    return finish(
        chain(subject, be_words(subject.agreement, tense, negation), degree, described(subject, word))
    )


@cache
def comparable(noun: Noun, word: str) -> tuple[Noun, ...]:
    """List the nouns that make sense beside another in a comparison by one adjective."""
    groups = tuple(kind for kind in noun.kinds if kind in DESCRIBED)
    if "kin" in noun.kinds or "person" in noun.kinds:
        groups = ("person", "kin")
    return tuple(
        other
        for other in nouns_of(groups)
        if other is not noun and any(entry.english == word for entry in ADJECTIVES_OF[other.english])
    )


def comparing(dice: Dice) -> Sentence:
    """This book is more interesting than the film."""
    while True:
        subject, word = draw_described(dice, adjectives=35)
        adjective = ADJECTIVE[word]
        if adjective.comparative and comparable(subject.noun, word):
            break
    noun = dice.pick(comparable(subject.noun, word))
    key, plural = draw_definite(dice, noun)
    inner = tuple(entry for entry in draw_adjectives(dice, noun, 30)[:1] if entry is not adjective)
    other = noun_phrase(noun, key, plural=plural, adjectives=inner)
    form = french.adjective_form(adjective, subject.agreement)
    more = f"plus {form} que"
    if adjective.better:
        more = (
            french.pick_form(subject.agreement, "meilleur", "meilleure", "meilleurs", "meilleures") + " que"
        )
    long = adjective.comparative.startswith("more")
    words = dice.weighted(
        [
            (65, Words(f"{adjective.comparative} than", more)),
            (20, Words(f"as {word} as", f"aussi {form} que")),
            (15 if long else 0, Words(f"less {word} than", f"moins {form} que")),
        ]
    )
    pairs = Words("", "", ((word, subject.noun.english), (word, noun.english)))
    tense = "present" if dice.chance(80) else "past"
    negation = "not" if dice.chance(15) and not words.english.startswith("less") else ""
    return finish(chain(subject, be_words(subject.agreement, tense, negation), words, other, pairs))


def there_is(dice: Dice) -> Sentence:
    """There are three small boxes under the table."""
    noun = draw_noun(dice, ("small", "pet", "person", "vehicle", "animal"))
    key, plural = dice.weighted(
        [
            (35, ("a", False)),
            (12, ("some", True)),
            (28, ("number", True)),
            (10, ("many", True)),
            (8, ("no", False)),
            (7, ("no", True)),
        ]
    )
    if key == "number":
        key = dice.pick(tuple(NUMBERS))
    past = dice.chance(25)
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun))
    negation = "not" if key == "no" else ""
    has = french.verb_group(
        AVOIR, "used to" if past else "present", Agreement(), negation=negation, clitic="y"
    )
    there = Words(f"there {english.be(thing.agreement, past=past)}", french.join("il", has))
    return finish(chain(there, thing, draw_position(dice, noun)))


def presenting(dice: Dice) -> Sentence:
    """This is a very good book; these are my sister's old letters."""
    noun = draw_noun(dice, ("text", "clothes", "pet", "thing", "picture", "owned", "show", "building", "job"))
    key, plural = ("a", False) if dice.chance(50) else draw_definite(dice, noun)
    thing = noun_phrase(
        noun, "the" if key == "this" else key, plural=plural, adjectives=draw_adjectives(dice, noun, 90)
    )
    negated = dice.chance(20)
    if plural:
        words = Words("these are" + " not" * negated, "ce ne sont pas" if negated else "ce sont")
    else:
        words = Words("this is" + " not" * negated, "ce n'est pas" if negated else "c'est")
    return finish(chain(words, thing))


def costing(dice: Dice) -> Sentence:
    """The blue shirt costs twelve euros."""
    noun = draw_noun(dice, ("food", "clothes", "print", "thing", "machine", "furniture"))
    key, plural = draw_definite(dice, noun)
    key = "the" if key != "this" else key
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun, 80))
    agreement = thing.agreement
    price = dice.pick(LOW_PRICES if {"food", "print", "plant"} & set(noun.kinds) else HIGH_PRICES)
    verb = Words("cost" if plural else "costs", french.conjugate(COST, "present", agreement))
    return finish(chain(thing, verb, Words(f"{price[0]} euros", f"{price[1]} euros")))


def ageing(dice: Dice) -> Sentence:
    """Our young neighbour is 30 years old; my dog will be four years old tomorrow."""
    person = draw_person(dice, ("person", "kin", "pet"), adjectives=80)
    if "adult" in person.noun.kinds:
        value = written = dice.pick(("30", "45") if "kin" in person.noun.kinds else ("20", "25", "30", "45"))
    else:
        number = 2 + dice.below(11)
        value, written = english.number(number), french.number(number)
    future = dice.chance(25)
    be = "will be" if future else english.be(person.agreement)
    has = french.conjugate(AVOIR, "future" if future else "present", person.agreement)
    time = draw_time(dice, "future", far=True) if future else Words()
    return finish(chain(person, Words(f"{be} {value} years old", f"{has} {written} ans"), time))

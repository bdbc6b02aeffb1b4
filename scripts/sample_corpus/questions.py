"""Questions and orders."""

from . import english, french
from .adjuncts import draw_position, draw_time
from .clauses import (
    Sentence,
    chain,
    draw_adjuncts,
    draw_object,
    draw_place_of,
    draw_tense,
    finish,
    indirect,
)
from .dice import Dice
from .phrases import (
    SHE,
    YOU,
    NounPhrase,
    Words,
    draw_adjectives,
    draw_definite,
    draw_noun,
    draw_person,
    draw_subject,
    noun_phrase,
)
from .statements import described, draw_degree, draw_described
from .verbs import COST, DOING, ETRE, GIVING, GO, HAVE, LIVE, PLAY, SLEEP, TRANSITIVE, WORK
from .words import Agreement, Verb

ACTIONS = tuple(verb for verb in TRANSITIVE if not verb.feeling)
ASKED_TENSES = ("present", "progressive", "past", "future", "going to", "can", "must", "want to", "should")
WHEN_TENSES = ("past", "future", "going to")
ADVERB_QUESTIONS = (("where", "où"), ("why", "pourquoi"), ("when", "quand"))
COUNTED = ("food", "clothes", "print", "small", "pet", "animal", "person", "study", "text", "furniture")
UNORDERED = ("see", "understand", "meet")
ORDERS = (*(verb for verb in ACTIONS if not verb.accident and verb.english.base not in UNORDERED), *GIVING)
WHAT_VERBS = tuple(
    DOING[base]
    for base in ("eat", "drink", "read", "write", "buy", "sell", "see", "find", "take", "choose", "make")
)


def asked(
    verb: Verb,
    tense: str,
    subject: NounPhrase,
    *,
    preceding: Agreement | None = None,
    first: Words | None = None,
) -> Words:
    """Build a question without object: [first] did Paul buy / [first] est-ce que Paul a acheté."""
    first = first or Words()
    group = french.verb_group(verb.french, tense, subject.agreement, preceding=preceding)
    return Words(
        english.join(
            first.english, english.question(verb.english, tense, subject.agreement, subject.english)
        ),
        french.join(first.french, "est-ce que", subject.french, group),
        (*first.pairs, *subject.pairs),
    )


def draw_asked(dice: Dice, verb: Verb, only: tuple[str, ...] = ASKED_TENSES) -> tuple[str, NounPhrase]:
    """Draw a tense and a subject for a question; few ask about themselves, so I becomes you or she."""
    tense = draw_tense(dice, verb, only)
    subject = draw_subject(dice, verb, avoid_you=verb.french.etre)
    if subject.english == "I":
        subject = SHE.phrase if verb.french.etre else YOU.phrase
    return tense, subject


def yes_no(dice: Dice) -> Sentence:
    """Did your brother sell the old boat?"""
    verb = dice.pick((*TRANSITIVE, HAVE, HAVE))
    tense, subject = draw_asked(dice, verb)
    thing = draw_object(dice, verb)
    return finish(
        chain(asked(verb, tense, subject), thing, draw_adjuncts(dice, verb, tense, place=12, time=20)), "?"
    )


def is_it(dice: Dice) -> Sentence:
    """Are these shoes too expensive?"""
    subject, word = draw_described(dice)
    past = dice.chance(25)
    degree = draw_degree(dice, word)
    be = french.conjugate(ETRE, "imperfect" if past else "present", subject.agreement)
    words = Words(
        english.join(english.be(subject.agreement, past=past), subject.english),
        french.join("est-ce que", subject.french, be),
        subject.pairs,
    )
    return finish(chain(words, degree, described(subject, word)), "?")


def going_there(dice: Dice) -> Sentence:
    """When will you go to Portugal? Does she work in this new hotel?"""
    verb = dice.pick((GO, LIVE, WORK, PLAY, SLEEP))
    word = dice.pick((("when", "quand"), ("why", "pourquoi"), ("", ""), ("", "")))
    tense, subject = draw_asked(dice, verb, WHEN_TENSES if word[0] == "when" else ASKED_TENSES)
    place = draw_place_of(dice, verb, motion="to" if verb is GO else "")
    return finish(chain(asked(verb, tense, subject, first=Words(*word)), place), "?")


def wh_question(dice: Dice) -> Sentence:
    """Where did Claire find the small key? Why do you hate cheese?"""
    word = dice.pick(ADVERB_QUESTIONS)
    verb = dice.pick(ACTIONS if word[0] != "where" else [verb for verb in ACTIONS if verb.places])
    tense, subject = draw_asked(dice, verb, WHEN_TENSES if word[0] == "when" else ASKED_TENSES)
    thing = draw_object(dice, verb)
    time = draw_time(dice, tense) if word[0] != "when" and dice.chance(15) else Words()
    return finish(chain(asked(verb, tense, subject, first=Words(*word)), thing, time), "?")


def counted_question(dice: Dice) -> Sentence:
    """How many red apples did you eat? Which dress will she buy? (the participle agrees)."""
    verb = dice.pick(ACTIONS)
    noun = draw_noun(dice, tuple(kind for kind in verb.objects if kind != "kin"))
    tense, subject = draw_asked(dice, verb, ("past", "past", "present", "future", "going to", "want to"))
    countable = not noun.mass and set(noun.kinds) & set(COUNTED)
    key = "how many" if countable and dice.chance(45) else "which"
    plural = not noun.mass and (key == "how many" or dice.chance(25))
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun))
    first = Words(thing.english, thing.french, (*thing.pairs, (verb.english.base, noun.english)))
    words = asked(verb, tense, subject, preceding=thing.agreement, first=first)
    time = draw_time(dice, tense) if dice.chance(25) else Words()
    return finish(chain(words, time), "?")


def what_question(dice: Dice) -> Sentence:
    """What did the children buy at the new market?"""
    verb = dice.pick(WHAT_VERBS)
    tense, subject = draw_asked(dice, verb)
    words = asked(verb, tense, subject, first=Words("what", "que"))
    return finish(chain(words, draw_adjuncts(dice, verb, tense, place=85, time=20)), "?")


def who_question(dice: Dice) -> Sentence:
    """Who wants to read this German newspaper?"""
    verb = dice.pick((*ACTIONS, HAVE))
    tense = draw_tense(dice, verb, ASKED_TENSES)
    anybody = Agreement()
    if verb.english.past == verb.english.base and tense == "present":
        tense = "progressive"
    group = Words(
        english.verb_group(verb.english, tense, anybody), french.verb_group(verb.french, tense, anybody)
    )
    adjuncts = draw_adjuncts(dice, verb, tense, place=10, time=25)
    return finish(chain(Words("who", "qui"), group, draw_object(dice, verb), adjuncts), "?")


def where_is(dice: Dice) -> Sentence:
    """Where are my black shoes?"""
    noun = draw_noun(dice, ("small", "clothes", "pet", "owned", "building", "known", "kin", "print"))
    key, plural = draw_definite(dice, noun)
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun, 85))
    past = dice.chance(20)
    be = french.conjugate(ETRE, "imperfect" if past else "present", thing.agreement)
    return finish(chain(Words(f"where {english.be(thing.agreement, past=past)}", f"où {be}"), thing), "?")


def is_there(dice: Dice) -> Sentence:
    """Is there a good restaurant near the station?"""
    noun = draw_noun(dice, ("small", "pet", "building", "vehicle"))
    plural = dice.chance(30)
    thing = noun_phrase(
        noun, "some" if plural else "a", plural=plural, adjectives=draw_adjectives(dice, noun, 70)
    )
    thing_english = thing.english.replace("some ", "any ", 1) if plural else thing.english
    words = Words(f"{'are' if plural else 'is'} there", "est-ce qu'il y a")
    return finish(
        chain(words, Words(thing_english, thing.french, thing.pairs), draw_position(dice, noun)), "?"
    )


def how_much(dice: Dice) -> Sentence:
    """How much does the Italian coffee cost?"""
    noun = draw_noun(dice, ("food", "clothes", "print", "thing", "machine", "furniture"))
    key, plural = draw_definite(dice, noun)
    key = "the" if key != "this" else key
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun, 85))
    do = "do" if plural else "does"
    return finish(
        Words(
            f"how much {do} {thing.english} cost",
            french.join("combien", french.conjugate(COST, "present", thing.agreement), thing.french),
            thing.pairs,
        ),
        "?",
    )


def order(dice: Dice) -> Sentence:
    """Open the green box, please. Do not eat these carrots!"""
    verb = dice.pick(ORDERS)
    negated = dice.chance(30)
    thing = draw_object(dice, verb, negated=negated)
    you = Agreement(2, plural=True)
    group = Words(
        english.join("do not" if negated else "", verb.english.base, verb.english.particle),
        french.verb_group(verb.french, "present", you, negation="not" if negated else ""),
    )
    parts = [group, thing]
    if verb in GIVING:
        parts.append(indirect(draw_person(dice, adjectives=15)))
    words = chain(*parts)
    if dice.chance(50):
        return finish(Words(f"{words.english}, please", f"{words.french}, s'il vous plaît", words.pairs))
    return finish(words, "!")

"""Sentence patterns with two clauses: and, but, relative clauses, because, when, if."""

from functools import cache

from . import english, french
from .adjuncts import draw_time
from .clauses import (
    Sentence,
    chain,
    draw_object,
    draw_place_of,
    draw_tense,
    finish,
    front,
    reads_as_past,
    transitive_clause,
    verb_words,
)
from .dice import Dice
from .nouns import CITIES, COUNTRIES, NAMES
from .phrases import (
    ADJECTIVES_OF,
    NounPhrase,
    Words,
    clash,
    draw_adjectives,
    draw_noun,
    draw_person,
    draw_subject,
    name_phrase,
    noun_phrase,
    nouns_of,
    object_pronoun,
    pronoun_for,
)
from .statements import be_words, described, draw_degree, predicates
from .verbs import ARRIVE, AVOIR, COME, DOING, GO, HAVE, LIVE, PLAY, SLEEP, STAY, TRANSITIVE, WORK
from .words import Noun, Verb

ACTIONS = tuple(verb for verb in TRANSITIVE if not verb.feeling)
# What people do next with the thing they bought, found, made ...
NEXT = (
    ("buy", "wear lose read eat drink forget repair sell wash"),
    ("find", "take lose wear"),
    ("make", "eat drink sell"),
    ("take", "lose forget wear"),
    ("write", "finish forget read"),
    ("see", "like"),
    ("wash", "wear eat"),
    ("open", "close"),
    ("read", "understand finish forget"),
    ("look", "find"),
    ("choose", "buy take wear"),
    ("repair", "sell clean"),
    ("watch", "like understand"),
)
# What people look for, find, read ... and what they did with it before.
EARLIER = (
    ("look", "lose forget buy"),
    ("find", "lose forget"),
    ("read", "buy write find choose"),
    ("like", "buy choose see write wear"),
    ("wear", "buy choose find"),
    ("sell", "buy find"),
)
MOODS = ("tired", "sick", "sad")
IDIOMS = {"hungry": "faim", "thirsty": "soif"}
# Present, past and after "if", each in English and French.
WEATHER = (
    (("it is raining", "il pleut"), ("it was raining", "il pleuvait"), ("it rains", "il pleut")),
    (("it is snowing", "il neige"), ("it was snowing", "il neigeait"), ("it snows", "il neige")),
    (("it is cold", "il fait froid"), ("it was cold", "il faisait froid"), ("it is cold", "il fait froid")),
    (("it is hot", "il fait chaud"), ("it was hot", "il faisait chaud"), ("it is hot", "il fait chaud")),
)
CONDITIONAL = ("buy", "visit", "invite")
INTERRUPTED = ("eat", "drink", "read", "watch", "look")
EVENING = ("eat", "drink", "read", "watch", "listen", "clean", "repair", "make", "wash", "buy")


@cache
def shared_nouns(first: Verb, second: Verb) -> tuple[Noun, ...]:
    """List the nouns that both of two verbs take."""
    both = set(nouns_of(first.objects)) & set(nouns_of(second.objects))
    return tuple(noun for noun in nouns_of(first.objects) if noun in both)


def verb_pairs(table: tuple[tuple[str, str], ...]) -> tuple[tuple[Verb, Verb], ...]:
    """Look up a table of English verbs and the verbs that go with them, where some noun suits both."""
    pairs = [(DOING[first], DOING[second]) for first, seconds in table for second in seconds.split()]
    return tuple(pair for pair in pairs if shared_nouns(*pair))


FOLLOWED = verb_pairs(NEXT)
SEARCHED = verb_pairs(EARLIER)


def taking_up(dice: Dice) -> Sentence:
    """Marie bought an apple and she ate it; I read the letter but I did not understand it."""
    first, second = dice.pick(FOLLOWED)
    first_tense, link, tense, negation = dice.weighted(
        [
            (45, ("past", "and", "past", "")),
            (20, ("past", "but", "past", "not")),
            (13, ("past", "and", "going to", "")),
            (8, ("past", "but", "can", "not")),
            (8, ("going to", "and", "going to", "")),
            (6, ("want to", "but", "can", "not")),
        ]
    )
    if second.feeling:
        tense = "present"
        first_tense = "past"
    subject = draw_subject(dice)
    thing = draw_object(dice, first, noun=dice.pick(shared_nouns(first, second)))
    it, clitic = object_pronoun(thing)
    again = pronoun_for(subject)
    group = verb_words(
        second, tense, again.agreement, negation=negation, clitic=clitic, preceding=thing.agreement
    )
    pair = Words("", "", ((second.english.base, thing.noun.english),))
    return finish(
        chain(
            subject,
            verb_words(first, first_tense, subject.agreement),
            thing,
            Words(link, {"and": "et", "but": "mais"}[link]),
            again,
            group,
            Words(it),
            pair,
        )
    )


def going_back(dice: Dice) -> Sentence:
    """My sister likes Rome and she goes there every summer (y)."""
    feeling = dice.pick((DOING["like"], DOING["know"], DOING["visit"]))
    tense = "past" if feeling is DOING["visit"] else "present"
    verb = dice.pick((STAY, WORK) if tense == "past" else (GO, GO, WORK, LIVE, STAY))
    subject = draw_subject(dice, avoid_you=True)
    if verb is LIVE or dice.chance(60):
        place = dice.pick(COUNTRIES if dice.chance(60) else CITIES)
        where = Words(place.english, place.french, ((feeling.english.base, place.english.split(" ")[-1]),))
    else:
        noun = draw_noun(dice, ("sight",))
        thing = noun_phrase(noun, dice.pick(("the", "this")), adjectives=draw_adjectives(dice, noun))
        where = Words(thing.english, thing.french, (*thing.pairs, (feeling.english.base, noun.english)))
    again = pronoun_for(subject)
    second_tense = "past" if tense == "past" else dice.weighted([(70, "present"), (30, "going to")])
    group = verb_words(verb, second_tense, again.agreement, clitic="y")
    time = draw_time(dice, second_tense, far=True) if second_tense != "past" or dice.chance(40) else Words()
    return finish(
        chain(
            subject,
            verb_words(feeling, tense, subject.agreement),
            where,
            Words("and", "et"),
            again,
            group,
            Words("there"),
            time,
        )
    )


def described_by(dice: Dice, phrase: NounPhrase, tense: str) -> Words:
    """Say that something is so, with an adjective not yet used for it: is very old."""
    word = dice.pick(predicates(phrase))
    return chain(be_words(phrase.agreement, tense), draw_degree(dice, word), described(phrase, word))


def who_clause(dice: Dice) -> Sentence:
    """The man who sells old books is very rich."""
    noun = draw_noun(dice, ("person",))
    key = "this" if dice.chance(20) else "the"
    person = noun_phrase(noun, key, plural=dice.chance(25), adjectives=draw_adjectives(dice, noun, 25)[:1])
    verb = dice.pick(ACTIONS)
    tense = draw_tense(dice, verb, ("present", "progressive", "past"))
    if reads_as_past(verb, tense, person.agreement, ""):
        tense = "progressive"
    relative = Words("who", "qui")
    group = verb_words(verb, tense, person.agreement)
    subject = chain(person, relative, group, draw_object(dice, verb))
    return finish(chain(subject, described_by(dice, person, "present")))


def which_clause(dice: Dice) -> Sentence:
    """The dog which is sleeping in the garden is old."""
    animal = draw_person(dice, ("animal",), adjectives=35)
    verb = dice.pick((SLEEP, PLAY, STAY))
    tense = draw_tense(dice, verb, ("present", "progressive", "past"))
    group = verb_words(verb, tense, animal.agreement)
    place = draw_place_of(dice, verb)
    return finish(chain(animal, Words("which", "qui"), group, place, described_by(dice, animal, "present")))


def that_clause(dice: Dice) -> Sentence:
    """The story that my mother wrote was very funny (the participle agrees)."""
    verb = dice.pick(ACTIONS)
    noun = draw_noun(dice, verb.objects)
    plural = not noun.mass and dice.chance(25)
    inner = draw_adjectives(dice, noun, 30)[:1] if len(ADJECTIVES_OF[noun.english]) > 2 else ()
    thing = noun_phrase(noun, "the", plural=plural, adjectives=inner)
    if "kin" in noun.kinds or not predicates(thing):
        return that_clause(dice)
    subject = draw_subject(dice, verb)
    tense = draw_tense(dice, verb, ("past", "past", "progressive", "future", "going to", "want to"))
    group = verb_words(verb, tense, subject.agreement, preceding=thing.agreement)
    pair = Words("", "", ((verb.english.base, noun.english),))
    main = "past" if tense == "past" and dice.chance(50) else "present"
    return finish(chain(thing, Words("that", "que"), subject, group, pair, described_by(dice, thing, main)))


def search(dice: Dice) -> Sentence:
    """Paul is looking for the key that he lost yesterday."""
    verb, inner = dice.pick(SEARCHED)
    noun = dice.pick(shared_nouns(verb, inner))
    plural = not noun.mass and dice.chance(25)
    thing = noun_phrase(noun, "the", plural=plural, adjectives=draw_adjectives(dice, noun, 40))
    subject = draw_subject(dice)
    tense = draw_tense(dice, verb, ("progressive", "past", "going to", "want to"))
    again = pronoun_for(subject)
    group = verb_words(inner, "past", again.agreement, preceding=thing.agreement)
    pairs = Words("", "", ((verb.english.base, noun.english), (inner.english.base, noun.english)))
    time = draw_time(dice, "past") if dice.chance(50) else Words()
    first = verb_words(verb, tense, subject.agreement)
    return finish(chain(subject, first, thing, Words("that", "que"), again, group, time, pairs))


def knowing(dice: Dice) -> Sentence:
    """I know the woman who sold the blue car."""
    verb = dice.pick(("know", "see", "meet", "invite", "help"))
    subject = draw_subject(dice)
    noun = draw_noun(dice, ("person",))
    plural = dice.chance(25)
    person = noun_phrase(noun, "the", plural=plural, adjectives=draw_adjectives(dice, noun, 20))
    first = verb_words(DOING[verb], draw_tense(dice, DOING[verb], ("present", "past")), subject.agreement)
    inner = dice.pick(ACTIONS)
    tense = draw_tense(dice, inner, ("past", "progressive"))
    group = verb_words(inner, tense, person.agreement)
    pair = Words("", "", ((verb, noun.english),))
    return finish(chain(subject, first, person, pair, Words("who", "qui"), group, draw_object(dice, inner)))


def state(subject: NounPhrase, word: str, tense: str) -> Words:
    """Say how somebody feels: is tired / est fatigué, was hungry / avait faim."""
    past = tense == "past"
    if word not in IDIOMS:
        return chain(be_words(subject.agreement, tense), described(subject, word))
    has = french.verb_group(AVOIR, "used to" if past else tense, subject.agreement)
    return Words(f"{english.be(subject.agreement, past=past)} {word}", f"{has} {IDIOMS[word]}")


def draw_somebody(dice: Dice, word: str) -> NounPhrase:
    """Draw a subject of which `word` can be said and is not said yet (no sick man who is sick)."""
    while True:
        subject = draw_subject(dice, avoid_you=True)
        if not any(clash(adjective, word) for adjective, _ in subject.pairs):
            return subject


def because(dice: Dice) -> Sentence:
    """We ate the soup because we were hungry; she is staying here because it is raining."""
    past = dice.chance(55)
    what = dice.weighted([(20, "hungry"), (20, "thirsty"), (25, "feeling"), (35, "weather")])
    subject = draw_subject(dice, avoid_you=True)
    again = pronoun_for(subject)
    tense = "past" if past else "progressive"
    if what in IDIOMS:
        verb = DOING["eat" if what == "hungry" else "drink"]
        main = transitive_clause(dice, verb, subject=subject, tense=tense, negation="", adjuncts=False)
        reason = chain(again, state(again, what, "past" if past else "present"))
    elif what == "feeling":
        verb = dice.pick(ACTIONS)
        tense = "past" if past else "going to"
        main = transitive_clause(dice, verb, subject=subject, tense=tense, negation="not", adjuncts=False)
        mood = dice.pick([word for word in MOODS if not any(clash(said, word) for said, _ in subject.pairs)])
        reason = chain(again, state(again, mood, "past" if past else "present"))
    else:
        verb = dice.pick((GO, STAY, SLEEP, WORK, PLAY))
        tense = "past" if past else "going to"
        negation = "not" if dice.chance(50) else ""
        group = verb_words(verb, tense, subject.agreement, negation=negation)
        main = chain(subject, group, draw_place_of(dice, verb, motion="to" if verb is GO else ""))
        reason = Words(*dice.pick(WEATHER)[1 if past else 0])
    return finish(chain(main, Words("because", "parce que"), reason))


def interrupted(dice: Dice) -> Sentence:
    """Paul was reading a book when the doctor arrived."""
    verb = DOING[dice.pick(INTERRUPTED)]
    main = transitive_clause(dice, verb, tense="past progressive", negation="", adjuncts=False)
    other = name_phrase(dice.pick(NAMES)) if dice.chance(50) else draw_person(dice)
    if other.english.lower() in main.english.lower():
        return interrupted(dice)
    come = dice.pick((ARRIVE, COME))
    place = Words()
    if dice.chance(40):
        place = draw_place_of(dice, come, motion="to" if come is COME else "")
    group = verb_words(come, "past", other.agreement)
    return finish(chain(main, Words("when", "quand"), other, group, place))


def when_young(dice: Dice) -> Sentence:
    """When my uncle was young, he used to play in the park."""
    subject = draw_somebody(dice, "young")
    again = pronoun_for(subject)
    young = chain(Words("when", "quand"), subject, state(subject, "young", "past"))
    if dice.chance(50):
        verb = dice.pick((PLAY, LIVE, WORK, SLEEP, GO))
        group = verb_words(verb, "used to", again.agreement)
        place = draw_place_of(dice, verb, motion="to" if verb is GO else "")
        main = chain(again, group, place)
    else:
        verb = DOING[dice.pick(("eat", "drink", "read", "watch"))]
        main = transitive_clause(dice, verb, subject=again, tense="used to", negation="", adjuncts=False)
    return finish(front(young, main))


def when_weather(dice: Dice) -> Sentence:
    """When it is cold, my uncle drinks hot tea."""
    weather = Words(*dice.pick(WEATHER)[0])
    when = chain(Words("when", "quand"), weather)
    if dice.chance(50):
        verb = dice.pick((PLAY, WORK, SLEEP, GO, STAY))
        subject = draw_subject(dice, verb)
        group = verb_words(verb, "present", subject.agreement, negation="not" if dice.chance(30) else "")
        return finish(
            front(when, chain(subject, group, draw_place_of(dice, verb, motion="to" if verb is GO else "")))
        )
    verb = DOING[dice.pick(EVENING)]
    return finish(front(when, transitive_clause(dice, verb, tense="present", adjuncts=False)))


def if_weather(dice: Dice) -> Sentence:
    """If it rains, we will stay at the hotel; if Anne is tired, she will not visit the museum."""
    verb = dice.pick((GO, STAY, WORK, COME, DOING["visit"], DOING["buy"], DOING["see"], DOING["help"]))
    if dice.chance(60):
        condition = Words(*dice.pick(WEATHER)[2])
        subject = draw_subject(dice)
    else:
        mood = dice.pick(("tired", "sick", "hungry", "thirsty", "sad"))
        somebody = draw_somebody(dice, mood)
        condition = chain(somebody, state(somebody, mood, "present"))
        subject = pronoun_for(somebody)
    negation = "not" if dice.chance(35) else ""
    if verb.objects:
        main = transitive_clause(
            dice, verb, subject=subject, tense="future", negation=negation, adjuncts=False
        )
    else:
        group = verb_words(verb, "future", subject.agreement, negation=negation)
        main = chain(subject, group, draw_place_of(dice, verb, motion="to" if verb in (GO, COME) else ""))
    return finish(front(chain(Words("if", "si"), condition), main))


def if_had(dice: Dice) -> Sentence:
    """If Paul had a big house, he would invite his uncle."""
    subject = draw_subject(dice)
    again = pronoun_for(subject)
    noun = draw_noun(dice, ("pet", "owned", "several", "machine", "thing"))
    key, plural = ("a", False) if dice.chance(70) else (dice.pick(("two", "three", "four")), True)
    thing = noun_phrase(noun, key, plural=plural, adjectives=draw_adjectives(dice, noun))
    pair = Words("", "", (("have", noun.english),))
    condition = chain(Words("if", "si"), subject, verb_words(HAVE, "if", subject.agreement), thing, pair)
    verb = DOING[dice.pick(CONDITIONAL)]
    negation = "not" if dice.chance(20) else ""
    group = verb_words(verb, "conditional", again.agreement, negation=negation)
    return finish(front(condition, chain(again, group, draw_object(dice, verb, negated=bool(negation)))))

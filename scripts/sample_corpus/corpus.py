"""The corpus: word pairs held out of training, the three splits, the files."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import compound, questions, statements
from .adjectives import ADJECTIVES
from .clauses import Sentence
from .dice import Dice
from .nouns import NOUNS
from .phrases import ADJECTIVES_OF, Pair, nouns_of
from .verbs import ARRIVE, COME, GIVING, LIVE, PLAY, SLEEP, SPEAK, STAY, TRANSITIVE, WORK

TRAIN_LINES = 6000
VALID_LINES = 300
TEST_LINES = 300
MIN_WORDS, MAX_WORDS = 4, 16
MIN_COUNT = 8  # every word of train, English or French, is in at least so many of its sentences
POOL_LINES = 10000  # train is chosen from so many sentences
HELD_OUT_ADJECTIVES = 110
HELD_OUT_VERBS = 90

PATTERNS = (
    (20, statements.transitive),
    (4, statements.having),
    (3, statements.speaking),
    (10, statements.moving),
    (2, statements.company),
    (2, statements.getting_up),
    (6, statements.giving),
    (4, statements.seeing),
    (3, statements.nothing),
    (7, statements.describing),
    (5, statements.comparing),
    (5, statements.there_is),
    (2, statements.presenting),
    (2, statements.costing),
    (2, statements.ageing),
    (4, questions.yes_no),
    (2, questions.is_it),
    (2, questions.going_there),
    (4, questions.wh_question),
    (4, questions.counted_question),
    (2, questions.what_question),
    (2, questions.who_question),
    (2, questions.where_is),
    (2, questions.is_there),
    (1, questions.how_much),
    (3, questions.order),
    (6, compound.taking_up),
    (2, compound.going_back),
    (2, compound.who_clause),
    (1, compound.which_clause),
    (4, compound.that_clause),
    (3, compound.search),
    (2, compound.knowing),
    (5, compound.because),
    (3, compound.interrupted),
    (3, compound.when_young),
    (2, compound.when_weather),
    (3, compound.if_weather),
    (4, compound.if_had),
)

DECK = tuple(pattern for weight, pattern in PATTERNS for _ in range(weight))

# go, have and like are left out: "is going to" and "would like to" hold their forms as well.
PAIRED_VERBS = (
    *(verb for verb in TRANSITIVE if verb.english.base != "like"),
    *GIVING,
    SPEAK,
    COME,
    ARRIVE,
    STAY,
    LIVE,
    WORK,
    SLEEP,
    PLAY,
)


@dataclass(frozen=True)
class Corpus:
    """The three splits and the pairs that train does not hold."""

    train: tuple[Sentence, ...]
    valid: tuple[Sentence, ...]
    test: tuple[Sentence, ...]
    held_out: tuple[Pair, ...]


def english_words(text: str) -> list[str]:
    """Split an English sentence into lower-case words; "o'clock" is one, the s of "Paul's" another."""
    return re.findall(r"o'clock|\w+", text.lower())


def french_words(text: str) -> list[str]:
    """Split a French sentence into lower-case words; an elided word keeps its apostrophe."""
    return re.findall(r"\w+'?", text.lower())


def word_forms() -> dict[str, str]:
    """Map every English form of a noun, adjective or verb of the lexicon to its dictionary form."""
    forms = {}
    for noun in NOUNS:
        forms |= {noun.english: noun.english, noun.english_plural: noun.english}
    for adjective in ADJECTIVES:
        forms[adjective.english.lower()] = adjective.english
        if adjective.comparative and not adjective.comparative.startswith("more"):
            forms[adjective.comparative] = adjective.english
    for verb in PAIRED_VERBS:
        own = verb.english
        forms |= dict.fromkeys((own.base, own.third, own.past, own.ing), own.base)
    return forms


FORMS = word_forms()


def draw_pairs(dice: Dice, candidates: Iterable[Pair], wanted: int) -> list[Pair]:
    """Draw pairs to hold out, at most one in six of any word's pairs: training must still teach the word."""
    candidates = list(candidates)
    left = Counter(word for pair in candidates for word in pair)
    left = Counter({word: count // 6 for word, count in left.items()})
    chosen = []
    for pair in dice.shuffled(candidates):
        if len(chosen) < wanted and all(left[word] for word in pair):
            left.subtract(pair)
            chosen.append(pair)
    return chosen


def held_out_pairs(dice: Dice) -> tuple[Pair, ...]:
    """Draw the (adjective, noun) and (verb, noun) pairs that never meet in a training sentence."""
    adjectives = [(entry.english, noun.english) for noun in NOUNS for entry in ADJECTIVES_OF[noun.english]]
    verbs = [
        (verb.english.base, noun.english)
        for verb in PAIRED_VERBS
        for noun in nouns_of(verb.objects or verb.places)
    ]
    return (*draw_pairs(dice, adjectives, HELD_OUT_ADJECTIVES), *draw_pairs(dice, verbs, HELD_OUT_VERBS))


def meets(text: str, partners: dict[str, set[str]]) -> bool:
    """Say whether both words of a held-out pair occur, in any form and place, in an English sentence."""
    words = {FORMS[word] for word in english_words(text) if word in FORMS}
    return any(partners[word] & words for word in words if word in partners)


def sentences(dice: Dice):
    """Write sentences without end: each English and each French one once, of 4 to 16 words."""
    seen = set()
    while True:
        sentence = dice.pick(DECK)(dice)
        fits = MIN_WORDS <= len(sentence.english.split(" ")) <= MAX_WORDS
        if fits and sentence.english not in seen and sentence.french not in seen:
            seen |= {sentence.english, sentence.french}
            yield sentence


def words_of(sentence: Sentence) -> set[str]:
    """List the words of a pair; the mark before each keeps the two languages apart."""
    return {f"en {word}" for word in english_words(sentence.english)} | {
        f"fr {word}" for word in french_words(sentence.french)
    }


def common_only(pool: list[tuple[Sentence, set[str]]]) -> list[tuple[Sentence, set[str]]]:
    """Drop sentences with a word that too few sentences of the pool hold, until none is left."""
    counts = Counter(word for _, words in pool for word in words)
    while True:
        rare = {word for word, count in counts.items() if 0 < count < MIN_COUNT}
        if not rare:
            return pool
        kept = []
        for entry in pool:
            if entry[1] & rare:
                counts.subtract(entry[1])
            else:
                kept.append(entry)
        pool = kept


def choose_train(pool: list[tuple[Sentence, set[str]]]) -> tuple[list[Sentence], set[str]]:
    """Choose the training sentences so that every word in them occurs at least `MIN_COUNT` times.

    Returns:
        The sentences in the order of the pool, and their words.
    """
    counts = Counter()
    needed, others = [], []
    for place, (_, words) in enumerate(pool):
        if any(counts[word] < MIN_COUNT for word in words):
            counts.update(words)
            needed.append(place)
        else:
            others.append(place)
    if len(needed) > TRAIN_LINES or len(pool) < TRAIN_LINES:
        raise ValueError(
            f"Expected {TRAIN_LINES} sentences to suffice. Received: {len(needed)} of {len(pool)}."
        )
    places = sorted(needed + others[: TRAIN_LINES - len(needed)])
    return [pool[place][0] for place in places], set(counts)


def build(seed: int) -> Corpus:
    """Write the whole corpus.

    Train holds no sentence with both words of a held-out pair; valid and test hold only sentences in which
    such a pair stands together, made of words that train knows.
    """
    dice = Dice(seed)
    pairs = held_out_pairs(dice)
    together = set(pairs)
    partners = {}
    for first, second in pairs:
        partners.setdefault(first, set()).add(second)
    pool, unseen = [], []
    for sentence in sentences(dice):
        if together & set(sentence.pairs):
            unseen.append(sentence)
        elif not meets(sentence.english, partners):
            pool.append((sentence, words_of(sentence)))
        if len(pool) == POOL_LINES:
            break
    train, known = choose_train(common_only(pool))
    usable = [sentence for sentence in unseen if words_of(sentence) <= known]
    if len(usable) < TEST_LINES + VALID_LINES:
        raise ValueError(
            f"Expected {TEST_LINES + VALID_LINES} sentences to test with. Received: {len(usable)}."
        )
    test, rest = usable[:TEST_LINES], usable[TEST_LINES:]
    return Corpus(tuple(train), tuple(rest[:VALID_LINES]), tuple(test), pairs)


def write(corpus: Corpus, directory: Path) -> None:
    """Write the six files, each whole or not at all: first under temporary names, then renamed."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for split in ("train", "valid", "test"):
        for suffix, language in (("en", "english"), ("fr", "french")):
            target = directory / f"{split}.{suffix}"
            temporary = directory / f".{split}.{suffix}.tmp"
            text = "".join(getattr(sentence, language) + "\n" for sentence in getattr(corpus, split))
            with open(temporary, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            written.append((temporary, target))
    for temporary, target in written:
        os.replace(temporary, target)

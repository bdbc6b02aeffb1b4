"""The sample corpus: made again byte for byte, never leaking held-out pairs; its grammar, checked by hand."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from make_sample_corpus import DEFAULT_SEED
from sample_corpus import adjuncts, english, french, phrases
from sample_corpus.adjectives import ADJECTIVE
from sample_corpus.clauses import verb_words
from sample_corpus.corpus import FORMS, MIN_COUNT, english_words, french_words, held_out_pairs
from sample_corpus.dice import Dice
from sample_corpus.nouns import COUNTRIES, NOUNS
from sample_corpus.phrases import HE, SHE, THEY, WE, YOU, I, noun_phrase
from sample_corpus.verbs import DOING, GET_UP, GIVING, GO, HAVE, LIVE, STAY
from sample_corpus.words import Agreement

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
COUNTS = {"train": 6000, "valid": 300, "test": 300}
FILES = [f"{split}.{language}" for split in COUNTS for language in ("en", "fr")]
NOUN = {noun.english: noun for noun in NOUNS}
COUNTRY = {country.english: country for country in COUNTRIES}


def read_lines(name: str) -> list[str]:
    """Read a file of the corpus; only a line feed ends a line."""
    return (SAMPLE / name).read_bytes().decode("utf-8").split("\n")[:-1]


@pytest.fixture(scope="module")
def lines() -> dict[str, list[str]]:
    """The lines of the six files."""
    return {name: read_lines(name) for name in FILES}


def lemmas(text: str) -> set[str]:
    """The nouns, adjectives and verbs of an English sentence, in their dictionary form."""
    return {FORMS[word] for word in english_words(text) if word in FORMS}


# The files


def test_script_writes_the_committed_bytes(tmp_path):
    """Another process with another hash seed writes the very same files, and nothing else."""
    command = [sys.executable, str(ROOT / "scripts" / "make_sample_corpus.py"), "--output", str(tmp_path)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "" and "train: 6000 pairs" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_every_split_is_parallel_clean_and_without_duplicates(lines):
    for name, text in lines.items():
        assert len(text) == COUNTS[name.split(".")[0]] == len(set(text)), name
        assert (SAMPLE / name).read_bytes().endswith(b"\n")
        for line in text:
            assert line and line == " ".join(line.split()) and line.isprintable(), line
            assert line[0].isupper() and line[-1] in ".?!", line


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sentence_is_in_two_splits(lines, language):
    train, valid, test = (set(lines[f"{split}.{language}"]) for split in COUNTS)
    assert not train & valid and not train & test and not valid & test


def test_held_out_pairs_never_meet_in_train(lines):
    where = {}
    for place, line in enumerate(lines["train.en"]):
        for word in lemmas(line):
            where.setdefault(word, set()).add(place)
    pairs = held_out_pairs(Dice(DEFAULT_SEED))
    assert len(pairs) > 150
    for first, second in pairs:
        assert where[first] and where[second]
        assert not where[first] & where[second], (first, second)


@pytest.mark.parametrize("split", ["valid", "test"])
def test_every_test_sentence_holds_an_unseen_pair(lines, split):
    pairs = held_out_pairs(Dice(DEFAULT_SEED))
    for line in lines[f"{split}.en"]:
        words = lemmas(line)
        assert any(first in words and second in words for first, second in pairs), line


@pytest.mark.parametrize(("language", "split_words"), [("en", english_words), ("fr", french_words)])
def test_train_knows_every_word_well(lines, language, split_words):
    counts = {}
    for line in lines[f"train.{language}"]:
        for word in split_words(line):
            counts[word] = counts.get(word, 0) + 1
    assert min(counts.values()) >= MIN_COUNT == 8
    for split in ("valid", "test"):
        assert all(word in counts for line in lines[f"{split}.{language}"] for word in split_words(line))


def test_french_is_elided_and_contracted_everywhere(lines):
    for split in COUNTS:
        for line in lines[f"{split}.fr"]:
            for word, following in pairwise(line.lower().rstrip(" .?!").replace(",", "").split(" ")):
                if word in (*french.ELIDED, "si"):
                    assert french.join(word, following) == f"{word} {following}", line
                assert (word, following) not in (("de", "le"), ("de", "les"), ("à", "le"), ("à", "les")), line


# The grammar, typed by hand


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("je", "ai"), "j'ai"),
        (("je", "ne", "aime", "pas"), "je n'aime pas"),
        (("le", "ami", "de", "Anne"), "l'ami d'Anne"),
        (("la", "horloge"), "l'horloge"),
        (("le", "haricot"), "le haricot"),
        (("le", "héros"), "le héros"),
        (("la", "histoire"), "l'histoire"),
        (("que", "elle", "y", "va"), "qu'elle y va"),
        (("je", "y", "vais"), "j'y vais"),
        (("si", "il", "pleut"), "s'il pleut"),
        (("si", "elle", "vient"), "si elle vient"),
        (("parce que", "ils"), "parce qu'ils"),
        (("que", "est-ce que", "il", "voit"), "qu'est-ce qu'il voit"),
        (("", "le", "8", "mai"), "le 8 mai"),
    ],
)
def test_elision(parts, expected):
    assert french.join(*parts) == expected


@pytest.mark.parametrize(
    ("preposition", "phrase", "expected"),
    [
        ("à", "le marché", "au marché"),
        ("à", "les enfants", "aux enfants"),
        ("à", "l'école", "à l'école"),
        ("de", "le hibou", "du hibou"),
        ("près de", "les arbres", "près des arbres"),
        ("de", "Emma", "d'Emma"),
        ("de", "la sœur de Paul", "de la sœur de Paul"),
        ("à", "le vieil hôtel", "au vieil hôtel"),
    ],
)
def test_contraction(preposition, phrase, expected):
    assert french.with_preposition(preposition, phrase) == expected


@pytest.mark.parametrize(
    ("noun", "key", "plural", "adjectives", "expected"),
    [
        ("car", "a", False, "small red", ("a small red car", "une petite voiture rouge")),
        ("hotel", "this", False, "old", ("this old hotel", "ce vieil hôtel")),
        ("hotel", "this", False, "", ("this hotel", "cet hôtel")),
        ("hero", "this", False, "", ("this hero", "ce héros")),
        ("man", "the", False, "old French", ("the old French man", "le vieil homme français")),
        ("hospital", "a", False, "beautiful", ("a beautiful hospital", "un bel hôpital")),
        ("friend", "my", False, "new", ("my new friend", "mon nouvel ami")),
        ("plate", "my", False, "", ("my plate", "mon assiette")),
        ("plate", "my", False, "beautiful", ("my beautiful plate", "ma belle assiette")),
        ("school", "her", False, "", ("her school", "son école")),
        ("horse", "three", True, "white", ("three white horses", "trois chevaux blancs")),
        ("apple", "some", True, "fresh", ("some fresh apples", "des pommes fraîches")),
        ("apple", "some", True, "good", ("some good apples", "de bonnes pommes")),
        ("water", "some", False, "cold", ("some cold water", "de l'eau froide")),
        ("bread", "some", False, "", ("some bread", "du pain")),
        ("meat", "some", False, "good", ("some good meat", "de la bonne viande")),
        ("egg", "many", True, "", ("many eggs", "beaucoup d'œufs")),
        ("dress", "which", True, "", ("which dresses", "quelles robes")),
        ("key", "this", True, "brown", ("these brown keys", "ces clés marron")),
        ("uniform", "a", False, "", ("a uniform", "un uniforme")),
        ("child", "the", True, "happy", ("the happy children", "les enfants heureux")),
        ("mouse", "the", True, "grey", ("the grey mice", "les souris grises")),
        ("story", "his", True, "new", ("his new stories", "ses nouvelles histoires")),
        ("cat", "all", True, "", ("cats", "les chats")),
    ],
)
def test_noun_phrases(noun, key, plural, adjectives, expected):
    entries = tuple(ADJECTIVE[word] for word in adjectives.split())
    phrase = noun_phrase(NOUN[noun], key, plural=plural, adjectives=entries)
    assert (phrase.english, phrase.french) == expected


@pytest.mark.parametrize(
    ("noun", "key", "adjectives", "expected"),
    [
        ("cat", "a", "", "pas de chat"),
        ("uncle", "a", "", "pas d'oncle"),
        ("house", "a", "beautiful", "pas de belle maison"),
        ("water", "some", "hot", "pas d'eau chaude"),
        ("cat", "the", "black", "pas le chat noir"),
    ],
)
def test_objects_of_negated_verbs(noun, key, adjectives, expected):
    entries = tuple(ADJECTIVE[word] for word in adjectives.split())
    phrase = noun_phrase(NOUN[noun], key, adjectives=entries, negated=True)
    assert french.join("pas", phrase.french) == expected


def test_possessors():
    friend = noun_phrase(NOUN["friend"], "her")
    singer = noun_phrase(NOUN["singer"], "the", adjectives=(ADJECTIVE["old"],))
    first = noun_phrase(NOUN["dog"], "the", adjectives=(ADJECTIVE["small"],), possessor=friend)
    second = noun_phrase(NOUN["letter"], "the", plural=True, possessor=singer)
    assert (first.english, first.french) == ("her friend's small dog", "le petit chien de son ami")
    assert (second.english, second.french) == ("the old singer's letters", "les lettres du vieux chanteur")


ONE_HER = Agreement(feminine=True)
SOME_HERS = Agreement(plural=True, feminine=True)
WOMEN = phrases.NounPhrase("the women", "les femmes", SOME_HERS)
PAUL = phrases.NounPhrase("Paul", "Paul", Agreement())
GIVE, SHOW, SEND = GIVING


@pytest.mark.parametrize(
    ("subject", "verb", "tense", "in_english", "in_french"),
    [
        (PAUL, DOING["eat"], "present", "Paul eats", "Paul mange"),
        (WE.phrase, DOING["eat"], "present", "we eat", "nous mangeons"),
        (WE.phrase, DOING["eat"], "used to", "we used to eat", "nous mangions"),
        (I.phrase, DOING["eat"], "past progressive", "I was eating", "je mangeais"),
        (SHE.phrase, DOING["buy"], "future", "she will buy", "elle achètera"),
        (YOU.phrase, DOING["make"], "present", "you make", "vous faites"),
        (SHE.phrase, GO, "past", "she went", "elle est allée"),
        (I.phrase, GO, "going to", "I am going to go", "je vais aller"),
        (HE.phrase, SEND, "future", "he will send", "il enverra"),
        (WOMEN, GET_UP, "past", "the women got up", "les femmes se sont levées"),
        (I.phrase, GET_UP, "must", "I must get up", "je dois me lever"),
        (I.phrase, DOING["visit"], "would like to", "I would like to visit", "je voudrais visiter"),
        (YOU.phrase, DOING["help"], "should", "you should help", "vous devriez aider"),
        (THEY.phrase, DOING["buy"], "conditional", "they would buy", "ils achèteraient"),
        (HE.phrase, HAVE, "if", "he had", "il avait"),
    ],
)
def test_verb_groups(subject, verb, tense, in_english, in_french):
    words = verb_words(verb, tense, subject.agreement)
    assert english.join(subject.english, words.english) == in_english
    assert french.join(subject.french, words.french) == in_french


@pytest.mark.parametrize(
    ("subject", "verb", "tense", "negation", "in_english", "in_french"),
    [
        (THEY.phrase, DOING["eat"], "progressive", "not", "they are not eating", "ils ne mangent pas"),
        (PAUL, DOING["look"], "past", "never", "Paul never looked for", "Paul n'a jamais cherché"),
        (I.phrase, DOING["drink"], "present", "no longer", "I no longer drink", "je ne bois plus"),
        (PAUL, DOING["find"], "past", "nothing", "Paul found", "Paul n'a rien trouvé"),
        (HE.phrase, DOING["see"], "past", "nobody", "he saw", "il n'a vu"),
        (HE.phrase, DOING["see"], "can", "not", "he cannot see", "il ne peut pas voir"),
        (WOMEN, STAY, "past", "not", "the women did not stay", "les femmes ne sont pas restées"),
        (WE.phrase, GET_UP, "past", "not", "we did not get up", "nous ne nous sommes pas levés"),
    ],
)
def test_negations(subject, verb, tense, negation, in_english, in_french):
    words = verb_words(verb, tense, subject.agreement, negation=negation)
    assert english.join(subject.english, words.english) == in_english
    assert french.join(subject.french, words.french) == in_french


@pytest.mark.parametrize(
    ("subject", "verb", "tense", "clitic", "preceding", "negation", "expected"),
    [
        ("elle", LIVE, "present", "y", None, "", "elle y habite"),
        ("il", DOING["write"], "past", "les", SOME_HERS, "", "il les a écrites"),
        ("il", DOING["take"], "past", "la", ONE_HER, "not", "il ne l'a pas prise"),
        ("il", DOING["take"], "past", "les", Agreement(plural=True), "", "il les a pris"),
        ("il", DOING["invite"], "want to", "les", None, "", "il veut les inviter"),
        ("il", DOING["call"], "present", "la", None, "never", "il ne l'appelle jamais"),
        ("Paul", GIVE, "past", "lui", None, "not", "Paul ne lui a pas donné"),
        ("elle", SHOW, "going to", "leur", None, "", "elle va leur montrer"),
        ("elle", SEND, "present", "me", None, "", "elle m'envoie"),
    ],
)
def test_object_pronouns(subject, verb, tense, clitic, preceding, negation, expected):
    group = french.verb_group(
        verb.french, tense, Agreement(), clitic=clitic, preceding=preceding, negation=negation
    )
    assert french.join(subject, group) == expected


def test_adverbs_of_frequency():
    words = verb_words(DOING["read"], "present", Agreement(), adverb=("often", "souvent"))
    assert (words.english, words.french) == ("often reads", "lit souvent")


@pytest.mark.parametrize(
    ("value", "feminine", "in_french", "in_english"),
    [
        (1, True, "une", "one"),
        (21, False, "vingt et un", "twenty-one"),
        (31, True, "trente et une", "thirty-one"),
        (70, False, "soixante-dix", "seventy"),
        (71, False, "soixante et onze", "seventy-one"),
        (80, False, "quatre-vingts", "eighty"),
        (81, False, "quatre-vingt-un", "eighty-one"),
        (99, False, "quatre-vingt-dix-neuf", "ninety-nine"),
        (200, False, "deux cents", "two hundred"),
        (205, False, "deux cent cinq", "two hundred and five"),
    ],
)
def test_numbers(value, feminine, in_french, in_english):
    assert french.number(value, feminine=feminine) == in_french
    assert english.number(value) == in_english


def test_dates_and_times_of_day():
    assert (english.date(3, 4), french.date(3, 4)) == ("on 3 May", "le 3 mai")
    assert (english.date(1, 7, 0), french.date(1, 7, 0)) == ("on Monday 1 August", "le lundi 1er août")
    assert (english.hour(1), french.hour(1)) == ("one o'clock", "une heure")
    assert (english.hour(3, "half past"), french.hour(3, "half past")) == (
        "half past three",
        "trois heures et demie",
    )
    assert french.hour(5, "a quarter to") == "cinq heures moins le quart"
    assert (english.hour(12), french.hour(12), french.hour(12, "half past")) == (
        "noon",
        "midi",
        "midi et demi",
    )


@pytest.mark.parametrize(
    ("country", "there", "from_there"),
    [
        ("France", "en France", "de France"),
        ("Italy", "en Italie", "d'Italie"),
        ("Iran", "en Iran", "d'Iran"),
        ("Japan", "au Japon", "du Japon"),
        ("the United States", "aux États-Unis", "des États-Unis"),
    ],
)
def test_countries(country, there, from_there):
    assert adjuncts.geography("in", COUNTRY[country]).french == there
    assert adjuncts.geography("to", COUNTRY[country]).french == there
    assert adjuncts.geography("from", COUNTRY[country]).french == from_there


def test_pronouns_take_up_their_antecedent():
    sisters = noun_phrase(NOUN["sister"], "my", plural=True)
    both = phrases.two_names(phrases.NAMES[0], phrases.NAMES[-1])
    assert phrases.pronoun_for(sisters).french == "elles"
    assert phrases.pronoun_for(both).french == "ils"
    assert phrases.object_pronoun(noun_phrase(NOUN["car"], "a")) == ("it", "la")


def test_articles_and_questions():
    assert [english.article(word) for word in ("apple", "hour", "useful", "old", "uniform")] == [
        "an",
        "an",
        "a",
        "an",
        "a",
    ]
    eat = DOING["look"].english
    assert english.question(eat, "past", Agreement(), "Paul") == "did Paul look for"
    assert english.question(eat, "going to", Agreement(1), "I") == "am I going to look for"
    assert french.sentence("où est Paul", "?") == "Où est Paul ?"


def test_dice_do_not_change():
    dice = Dice(1)
    assert [dice.below(100) for _ in range(5)] == [13, 84, 76, 25, 49]
    assert sorted(dice.shuffled("abc")) == ["a", "b", "c"]

"""The rules that a pair of the training text must keep, each by its name: whether it breaks one can be seen
from the pair alone.

What a model learns from text that is no translation, it says later. The rules are those that cleaning of web
text is known for (Khayrallah and Koehn 2018, arXiv:1805.12282, name the kinds of noise that hurt), each with
a limit that clean text seldom breaks: `benchmarks/cleaning.py` measures how seldom.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

import regex

from mtkit.errors import MtkitError, SettingsError
from mtkit.text.corpus import SentencePair
from mtkit.text.patterns import PRESETS, UNSPACED

Rule = Callable[[SentencePair], bool]

# What is none of the language. Nothing here takes longer than in proportion to the text: each part takes all
# that it can, for good.
_MARKUP = re.compile("|".join(PRESETS.values()))
_TAG = re.compile(r"<(/?)(?:([A-Za-z][\w:.-]*+)(?:[^<>]*+)|(\d++)/?)>")
_PLACEHOLDER = re.compile(PRESETS["placeholder"])
# Elements of HTML that end where they begin.
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_SPACED = re.compile(f"[^{UNSPACED}]*+\\Z")
# Digits in groups of three, or with other marks between them, as in 1.234,50 and 15.1.2001.
_NUMBER = re.compile(
    "\\d{1,3}(?:(?P<space>[ '’  ])\\d{3})(?:(?P=space)\\d{3})*+(?:[.,]\\d++)?(?!\\d)|\\d++(?:[.,:٫٬]\\d++)*+"
)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LETTER = regex.compile(r"\p{L}")
_SIGN = regex.compile(r"[^\p{L}\p{M}\p{N}\s]")
# Fewest letters of a side whose script, and whose language, is judged; fewest signs of one that may have too
# many.
SCRIPT_LETTERS, LANGUAGE_LETTERS, FEWEST_SIGNS = 10, 15, 6
# How many times as likely another language must be.
LIKELIER = 30.0
# Fewest words of a copy that is not letter by letter the same, and the share of them that the source has too.
COPIED_WORDS, COPIED_SHARE = 5, 0.8
# Scripts that are written as several.
_SCRIPTS = {
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
    "Hans": ("Hani", "Bopo"),
    "Hant": ("Hani", "Bopo"),
    "Hanb": ("Hani", "Bopo"),
    "Latf": ("Latn",),
    "Latg": ("Latn",),
    "Aran": ("Arab",),
}
# How far a code may be from that of the same language in py3langid (Norwegian Bokmål, nb, is no there).
SAME_LANGUAGE = 3


def is_empty(pair: SentencePair) -> bool:
    """Whether a side has no text."""
    return not pair.source.strip() or not pair.target.strip()


def is_identical(pair: SentencePair) -> bool:
    """Whether both sides are the same."""
    return pair.source == pair.target


def is_copy(pair: SentencePair) -> bool:
    """Whether the target is the source once more: letter by letter but for case, or in four of five words."""
    source, target = (_WORD.findall(_unmarked(side).casefold()) for side in (pair.source, pair.target))
    if source and source == target:
        return True
    shared = (Counter(source) & Counter(target)).total()
    return len(target) >= COPIED_WORDS and shared >= COPIED_SHARE * max(len(source), len(target))


def has_other_numbers(pair: SentencePair) -> bool:
    """Whether a number of two digits or more is not as often on both sides, however it is grouped, and dates
    are put.
    """
    return _numbers(pair.source) != _numbers(pair.target)


def _numbers(text: str) -> Counter:
    found = (number for token in _NUMBER.finditer(_MARKUP.sub(" ", text)) for number in values(token[0]))
    return Counter(number for number in found if len(number) > 1)


def values(number: str) -> list[str]:
    """What a number says: itself without grouping and needless zeros, "1234.5" of 1.234,50; or each part of a
    date or a time.
    """
    plain = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in number)
    parts, marks = re.split(r"\D", plain), [letter for letter in plain if not letter.isdigit()]
    *whole, last = parts

    def grouped(groups: list[str], between: list[str]) -> bool:
        threes = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and groups[0] != "0"
        return threes and len(set(between)) <= 1

    if not marks or (grouped(parts, marks) and ":" not in marks):
        return ["".join(parts).lstrip("0")]
    if ":" not in marks and (len(marks) == 1 or (grouped(whole, marks[:-1]) and marks[-1] != marks[0])):
        decimals = last.rstrip("0")
        return ["".join(whole).lstrip("0") + (f".{decimals}" if decimals else "")]
    return [part.lstrip("0") for part in parts]


def _unmarked(text: str) -> str:
    """A text without tags, placeholders, addresses, and names of files and the like."""
    return " ".join(token for token in _MARKUP.sub(" ", text).split() if not _is_path(token))


def _is_path(token: str) -> bool:
    """Whether a token is a path, or the name of something in a program: a_b, C:\\x, a/b/c, a/b.c; not
    "and/or".
    """
    if not any(sign in token[:-1] for sign in "_\\@/") or not _SPACED.match(token):
        return False
    return any(sign in token[:-1] for sign in "_\\@") or token.count("/") > 1 or "." in token[:-1]


def has_other_tags(pair: SentencePair) -> bool:
    """Whether a tag or a placeholder is not as often on both sides; what a tag has inside, and its case, does
    not matter.
    """
    return _tags(pair.source) != _tags(pair.target)


def _tags(text: str) -> Counter:
    found: Counter = Counter()
    for tag in _TAG.finditer(text):
        name = (tag[2] or tag[3]).lower()
        found[tag[1], name, tag[0].endswith("/>") and name not in _VOID] += 1
    return found + Counter(_PLACEHOLDER.findall(_TAG.sub(" ", text)))


def has_many_symbols(pair: SentencePair) -> bool:
    """Whether more of a side is signs than letters and digits."""
    for side in (pair.source, pair.target):
        text = _unmarked(side)
        signs = len(_SIGN.findall(text))
        if signs >= FEWEST_SIGNS and 2 * signs > len("".join(text.split())):
            return True
    return False


def wrong_script(languages: tuple[str, str]) -> Rule:
    """Whether most letters of a side are of another script than its language is written in (CLDR's likely
    subtags).

    Raises:
        SettingsError: a language that is not known.
        MtkitError: a package is missing.
    """
    own = [_letters(language) for language in languages]

    def applies(pair: SentencePair) -> bool:
        for side, letter in zip((pair.source, pair.target), own, strict=True):
            text = _unmarked(side)
            letters = len(_LETTER.findall(text))
            if (
                letters >= SCRIPT_LETTERS
                and 2 * sum(1 for found in letter.findall(text) if _LETTER.match(found)) < letters
            ):
                return True
        return False

    return applies


def _letters(language: str) -> regex.Pattern:
    """What finds a character of the scripts of a language; raises as `wrong_script` does."""
    try:
        return regex.compile("|".join(rf"\p{{Script={script}}}" for script in scripts(language)))
    except regex.error:
        raise _unknown("wrong-script", language) from None


def scripts(language: str) -> tuple[str, ...]:
    """The scripts of a language, by the names of ISO 15924; raises as `wrong_script` does."""
    try:
        import langcodes
    except ModuleNotFoundError:
        raise _missing("wrong-script", "langcodes") from None
    try:
        found = langcodes.Language.get(language)
    except langcodes.LanguageTagError:
        found = langcodes.Language.make()
    if not found.language or not found.is_valid():
        raise _unknown("wrong-script", language)
    script = found.maximize().script
    return _SCRIPTS.get(script, (script,))


def wrong_language(languages: tuple[str, str]) -> Rule:
    """Whether a side is clearly in another language; see `is_of_another_language`, which says what is
    raised.
    """
    source, target = map(is_of_another_language, languages)
    return lambda pair: source(pair.source) or target(pair.target)


def is_of_another_language(language: str) -> Callable[[str], bool]:
    """What tells whether a text is clearly not in a language, by py3langid (Lui and Baldwin 2012); a short
    one is not judged.

    Raises:
        SettingsError: a language that it does not know.
        MtkitError: a package is missing.
    """
    try:
        import langcodes
        import py3langid.langid
    except ModuleNotFoundError as error:
        raise _missing("wrong-language", error.name.partition(".")[0]) from None
    identifier = _identifier(py3langid.langid)
    plain = language.replace("_", "-").partition("-")[0].lower()
    closest, distance = langcodes.closest_match(plain, identifier.labels, max_distance=SAME_LANGUAGE)
    if distance > SAME_LANGUAGE:
        raise _unknown("wrong-language", language)

    def applies(text: str) -> bool:
        text = _unmarked(text)
        if len(_LETTER.findall(text)) < LANGUAGE_LETTERS:
            return False
        best, likelihood = identifier.classify(text)
        return best != closest and likelihood > LIKELIER * dict(identifier.rank(text))[closest]

    return applies


@cache
def _identifier(langid):
    """The identifier of languages, whose model takes a while to read."""
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


def _unknown(rule: str, language: str) -> SettingsError:
    return SettingsError(
        f"the rule {rule} does not know the language {language!r}; leave it out with --keep {rule}"
    )


def _missing(rule: str, package: str) -> MtkitError:
    return MtkitError(
        f"the rule {rule} needs the package {package}: pip install 'mtkit[clean]', or --keep {rule}"
    )


def pair_rules(names: Iterable[str], languages: tuple[str, str]) -> dict[str, Rule]:
    """Of some names of rules those that a pair alone breaks, in their order, with what tells whether it does.

    Raises:
        SettingsError, MtkitError: a rule that cannot judge these languages, or lacks its package.
    """
    plain = {
        "empty": is_empty,
        "identical": is_identical,
        "copy": is_copy,
        "symbols": has_many_symbols,
        "numbers": has_other_numbers,
        "tags": has_other_tags,
    }
    by_language = {"wrong-script": wrong_script, "wrong-language": wrong_language}
    own = [name for name in names if name in plain or name in by_language]
    return {name: plain[name] if name in plain else by_language[name](languages) for name in own}

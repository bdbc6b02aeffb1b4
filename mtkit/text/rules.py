"""The rules that a pair of the training text must keep, each by its name; each looks at the pair alone.

What a model learns from text that is no translation, it says later. The rules are those that cleaning of web
text is known for (Khayrallah and Koehn 2018, arXiv:1805.12282, name the kinds of noise that hurt), each with
a limit that clean text seldom breaks: `benchmarks/cleaning.py` measures how seldom.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain

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
    """Whether a number of two digits or more is not as often on both sides, however they are written."""
    return _numbers(pair.source) != _numbers(pair.target)


def _numbers(text: str) -> Counter:
    tokens = _NUMBER.finditer(_MARKUP.sub(" ", text))
    numbers = chain.from_iterable(values(token[0]) for token in tokens)
    return Counter(number for number in numbers if len(number) > 1)


def values(number: str) -> list[str]:
    """What a number says: "1234.5" of 1.234,50; of a date or a time each part.

    Grouping and needless zeros say nothing.
    """
    plain = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in number)
    parts = re.split(r"\D", plain)
    marks = [letter for letter in plain if not letter.isdigit()]
    if ":" in marks:
        return [part.lstrip("0") for part in parts]
    if not marks or _is_grouped(parts, marks):
        return ["".join(parts).lstrip("0")]
    *integer, decimals = parts
    if len(marks) == 1 or (_is_grouped(integer, marks[:-1]) and marks[-1] != marks[0]):
        decimals = decimals.rstrip("0")
        return ["".join(integer).lstrip("0") + (f".{decimals}" if decimals else "")]
    return [part.lstrip("0") for part in parts]


def _is_grouped(parts: list[str], marks: list[str]) -> bool:
    """Whether parts of a number are groups of three digits, with the same mark between them."""
    threes = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3 and parts[0] != "0"
    return threes and len(set(marks)) <= 1


def _unmarked(text: str) -> str:
    """A text without tags, placeholders, addresses, and names of files and the like."""
    return " ".join(token for token in _MARKUP.sub(" ", text).split() if not _is_path(token))


def _is_path(token: str) -> bool:
    """Whether a token is a path, or a name in a program: a_b, C:\\x, a/b/c, a/b.c; not "and/or"."""
    inner = token[:-1]
    if not any(sign in inner for sign in "_\\@/") or not _SPACED.match(token):
        return False
    return any(sign in inner for sign in "_\\@") or token.count("/") > 1 or "." in inner


def has_other_tags(pair: SentencePair) -> bool:
    """Whether a tag or a placeholder is not as often on both sides, whatever attributes a tag has."""
    return _tags(pair.source) != _tags(pair.target)


def _tags(text: str) -> Counter:
    tags: Counter = Counter()
    for tag in _TAG.finditer(text):
        name = (tag[2] or tag[3]).lower()
        tags[tag[1], name, tag[0].endswith("/>") and name not in _VOID] += 1
    return tags + Counter(_PLACEHOLDER.findall(_TAG.sub(" ", text)))


def has_many_symbols(pair: SentencePair) -> bool:
    """Whether more of a side is signs than letters and digits."""
    for side in (pair.source, pair.target):
        text = _unmarked(side)
        signs = len(_SIGN.findall(text))
        if signs >= FEWEST_SIGNS and 2 * signs > len("".join(text.split())):
            return True
    return False


def wrong_script(languages: tuple[str, str]) -> Rule:
    """Whether most letters of a side are in a script that its language is not written in.

    Raises:
        SettingsError: a language that is not known.
        MtkitError: a package is missing.
    """
    source, target = (_letters(language) for language in languages)
    return lambda pair: _is_in_others(pair.source, source) or _is_in_others(pair.target, target)


def _is_in_others(text: str, script: regex.Pattern) -> bool:
    """Whether most letters of a text are none of those that a pattern finds; a short text is not judged."""
    text = _unmarked(text)
    letters = len(_LETTER.findall(text))
    if letters < SCRIPT_LETTERS:
        return False
    return 2 * sum(1 for character in script.findall(text) if _LETTER.match(character)) < letters


def _letters(language: str) -> regex.Pattern:
    """What finds a character of the scripts of a language; raises as `wrong_script` does."""
    try:
        return regex.compile("|".join(rf"\p{{Script={script}}}" for script in scripts(language)))
    except regex.error:
        raise _unknown("wrong-script", language) from None


def scripts(language: str) -> tuple[str, ...]:
    """The scripts of a language (CLDR's likely subtags), by ISO 15924; raises as `wrong_script`."""
    try:
        import langcodes
    except ModuleNotFoundError:
        raise _missing("wrong-script", "langcodes") from None
    try:
        tag = langcodes.Language.get(language)
    except langcodes.LanguageTagError:
        tag = langcodes.Language.make()
    if not tag.language or not tag.is_valid():
        raise _unknown("wrong-script", language)
    script = tag.maximize().script
    return _SCRIPTS.get(script, (script,))


def wrong_language(languages: tuple[str, str]) -> Rule:
    """Whether a side is clearly in another language; raises as `is_of_another_language` does."""
    source, target = map(is_of_another_language, languages)
    return lambda pair: source(pair.source) or target(pair.target)


def is_of_another_language(language: str) -> Callable[[str], bool]:
    """What tells whether a text is clearly not in a language; a short one is not judged.

    py3langid judges (Lui and Baldwin 2012).

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
    """Those of some rules that a pair alone breaks, in the order of the names.

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
    rules = {}
    for name in names:
        if name in plain:
            rules[name] = plain[name]
        elif name in by_language:
            rules[name] = by_language[name](languages)
    return rules

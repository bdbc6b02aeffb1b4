"""The rules that a pair of the training text must keep, each by its name: whether it breaks one can be seen from the pair alone.

What a model learns from text that is no translation, it says later. The rules are those that cleaning of web text is known for
(Khayrallah and Koehn 2018, arXiv:1805.12282, name the kinds of noise that hurt), each with a limit that clean text seldom breaks:
`benchmarks/cleaning.py` measures how seldom.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

import regex

from mtkit.errors import MtkitError, SettingsError
from mtkit.text.corpus import SentencePair
from mtkit.text.patterns import PRESETS

Rule = Callable[[SentencePair], bool]

# What is none of the language.
_MARKUP, _PATH = re.compile("|".join(PRESETS.values())), re.compile(r"\S*[_/\\@]\S+")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*?(/?)>")
_PLACEHOLDER = re.compile(PRESETS["placeholder"])
_NUMBER = re.compile("\\d+(?:[.,:'’٫٬\u00a0\u202f]\\d+)*")
_DIGITS = re.compile(r"\d+")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LETTER = regex.compile(r"\p{L}")
_SIGN = regex.compile(r"[^\p{L}\p{M}\p{N}\s]")
# Fewest letters of a side whose script, and whose language, is judged; fewest signs of one that may have too many.
SCRIPT_LETTERS, LANGUAGE_LETTERS, FEWEST_SIGNS = 10, 15, 6
# How many times as likely another language must be.
LIKELIER = 30.0
# Fewest words of a copy that is not letter by letter the same, and the share of them that the source has too.
COPIED_WORDS, COPIED_SHARE = 5, 0.8
# Scripts that are written as several.
_SCRIPTS = {"Jpan": ("Hani", "Hira", "Kana"), "Kore": ("Hang", "Hani"), "Hans": ("Hani", "Bopo"), "Hant": ("Hani", "Bopo")}


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
    """Whether a number of two digits or more is not as often on both sides. How a number is grouped, and a date put, is no matter:
    either the numbers are the same, or the runs of digits."""
    sides = [_MARKUP.sub(" ", side) for side in (pair.source, pair.target)]
    return all(_numbers(sides[0], pattern) != _numbers(sides[1], pattern) for pattern in (_NUMBER, _DIGITS))


def _numbers(text: str, pattern: re.Pattern) -> Counter:
    """The numbers of a text without what is between their digits, and without zeros before them."""
    found = (
        "".join(str(int(digit)) for digit in number if digit.isdecimal()).lstrip("0") for number in pattern.findall(text)
    )
    return Counter(digits for digits in found if len(digits) > 1)


def _unmarked(text: str) -> str:
    return _PATH.sub(" ", _MARKUP.sub(" ", text))


def has_other_tags(pair: SentencePair) -> bool:
    """Whether a tag or a placeholder is not as often on both sides; what a tag has inside does not matter."""
    return _tags(pair.source) != _tags(pair.target)


def _tags(text: str) -> Counter:
    return Counter(_TAG.findall(text)) + Counter(_PLACEHOLDER.findall(_TAG.sub(" ", text)))


def has_many_symbols(pair: SentencePair) -> bool:
    """Whether more of a side is signs than letters and digits."""
    for side in (pair.source, pair.target):
        text = _unmarked(side)
        signs = len(_SIGN.findall(text))
        if signs >= FEWEST_SIGNS and 2 * signs > len("".join(text.split())):
            return True
    return False


def wrong_script(languages: tuple[str, str]) -> Rule:
    """Whether most letters of a side are of another script than its language is written in (CLDR's likely subtags).

    Raises:
        SettingsError: a language that is not known.
        MtkitError: a package is missing.
    """
    own = [regex.compile("|".join(rf"\p{{Script={script}}}" for script in scripts(language))) for language in languages]

    def applies(pair: SentencePair) -> bool:
        for side, letter in zip((pair.source, pair.target), own, strict=True):
            text = _unmarked(side)
            letters = len(_LETTER.findall(text))
            if letters >= SCRIPT_LETTERS and 2 * sum(1 for found in letter.findall(text) if _LETTER.match(found)) < letters:
                return True
        return False

    return applies


def scripts(language: str) -> tuple[str, ...]:
    """The scripts of a language, by the names of ISO 15924; raises as `wrong_script` does."""
    try:
        import langcodes
    except ModuleNotFoundError:
        raise _missing("wrong-script", "langcodes") from None
    try:
        script = langcodes.Language.get(language).maximize().script
    except langcodes.LanguageTagError:
        script = None
    if not script:
        raise SettingsError(f"the rule wrong-script knows no script of {language!r}; leave it out with --keep wrong-script")
    return _SCRIPTS.get(script, (script,))


def wrong_language(languages: tuple[str, str]) -> Rule:
    """Whether a side is clearly in another language, by py3langid (Lui and Baldwin 2012); short ones are not judged.

    Raises:
        SettingsError: a language that it does not know.
        MtkitError: the package is missing.
    """
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ModuleNotFoundError:
        raise _missing("wrong-language", "py3langid") from None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    own = [language.replace("_", "-").split("-")[0].lower() for language in languages]
    for language in own:
        if language not in identifier.labels:
            raise SettingsError(f"the rule wrong-language does not know {language!r}; leave it out with --keep wrong-language")

    def applies(pair: SentencePair) -> bool:
        for side, language in zip((pair.source, pair.target), own, strict=True):
            text = _unmarked(side)
            if len(_LETTER.findall(text)) >= LANGUAGE_LETTERS:
                best, likelihood = identifier.classify(text)
                if best != language and likelihood > LIKELIER * dict(identifier.rank(text))[language]:
                    return True
        return False

    return applies


def _missing(rule: str, package: str) -> MtkitError:
    return MtkitError(f"the rule {rule} needs the package {package}: pip install 'mtkit[clean]', or --keep {rule}")


def pair_rules(names: Iterable[str], languages: tuple[str, str]) -> dict[str, Rule]:
    """Of some names of rules those that a pair alone breaks, in their order, with what tells whether it does.

    Raises:
        SettingsError, MtkitError: a rule that cannot judge these languages, or lacks its package.
    """
    plain = {
        "empty": is_empty, "identical": is_identical, "copy": is_copy, "symbols": has_many_symbols, "numbers": has_other_numbers,
        "tags": has_other_tags,
    }  # fmt: skip
    by_language = {"wrong-script": wrong_script, "wrong-language": wrong_language}
    own = [name for name in names if name in plain or name in by_language]
    return {name: plain[name] if name in plain else by_language[name](languages) for name in own}

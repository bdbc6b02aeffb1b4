"""English morphology: articles, verb groups with do-support, questions, numbers, dates."""

from .words import Agreement, EnglishVerb

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

SOUNDS_LIKE_YOU = ("uni", "use", "eu", "one")
SILENT_H = ("hour", "honest")


def article(next_word: str) -> str:
    """Choose a or an by the sound of the next word: an old car, a uniform, an hour."""
    low = next_word.lower()
    if low.startswith(SILENT_H):
        return "an"
    if low.startswith(SOUNDS_LIKE_YOU):
        return "a"
    return "an" if low[0] in "aeiou" else "a"


def join(*parts: str) -> str:
    """Join words with spaces; empty parts vanish."""
    return " ".join(part for part in parts if part)


def determiner(key: str, plural: bool, next_word: str, negated: bool = False) -> str:
    """Give the written determiner: a or an, this or these, some or (negated) any, nothing for "all"."""
    if key == "a":
        return article(next_word)
    if key == "this":
        return "these" if plural else "this"
    if key == "some" and negated:
        return "any"
    return "" if key == "all" else key


def is_third_singular(agreement: Agreement) -> bool:
    """Say whether a subject takes the -s form."""
    return agreement.person == 3 and not agreement.plural


def be(agreement: Agreement, *, past: bool = False) -> str:
    """Give am, is, are, was or were."""
    singular = not agreement.plural and agreement.person != 2
    if past:
        return "was" if singular else "were"
    if not singular:
        return "are"
    return "am" if agreement.person == 1 else "is"


def split_group(verb: EnglishVerb, tense: str, subject: Agreement) -> tuple[str, str]:
    """Split a verb group into its auxiliary, do included, and the rest: (does, eat), (is, going to eat)."""
    do = "does" if is_third_singular(subject) else "do"
    auxiliary, rest = {
        "present": (do, verb.base),
        "past": ("did", verb.base),
        "progressive": (be(subject), verb.ing),
        "past progressive": (be(subject, past=True), verb.ing),
        "used to": ("", f"used to {verb.base}"),
        "future": ("will", verb.base),
        "conditional": ("would", verb.base),
        "going to": (be(subject), f"going to {verb.base}"),
        "can": ("can", verb.base),
        "must": ("must", verb.base),
        "should": ("should", verb.base),
        "want to": (do, f"want to {verb.base}"),
        "would like to": ("would", f"like to {verb.base}"),
    }[tense]
    return auxiliary, join(rest, verb.particle)


def plain_group(verb: EnglishVerb, tense: str, subject: Agreement) -> str:
    """Give the simple form where affirmative English has no auxiliary: eats, ate, wants to eat; else ""."""
    third = is_third_singular(subject)
    if tense == "present":
        return join(verb.third if third else verb.base, verb.particle)
    if tense in ("past", "if"):
        return join(verb.past, verb.particle)
    if tense == "want to":
        return join("wants to" if third else "want to", verb.base, verb.particle)
    return ""


def verb_group(
    verb: EnglishVerb, tense: str, subject: Agreement, *, negation: str = "", adverb: str = ""
) -> str:
    """Build the verb of a statement: does not eat, never ate, will no longer eat, often eats.

    Args:
        tense: As for `french.verb_group`.
        negation: not, never, no longer; nothing or nobody, which stand outside the group; or "".
        adverb: An adverb of frequency.
    """
    plain = plain_group(verb, tense, subject)
    middle = adverb or (negation if negation in ("never", "no longer") else "")
    if plain and negation != "not":
        return join(middle, plain)
    auxiliary, rest = split_group(verb, tense, subject)
    if negation == "not":
        return join("cannot" if auxiliary == "can" else f"{auxiliary} not", rest)
    return join(auxiliary, middle, rest)


def question(verb: EnglishVerb, tense: str, subject: Agreement, subject_text: str) -> str:
    """Build the verb and subject of a question: did Paul eat, is she going to look for."""
    auxiliary, rest = split_group(verb, tense, subject)
    return join(auxiliary, subject_text, rest)


def number(value: int) -> str:
    """Spell a whole number from 0 to 999: twenty-one, two hundred, three hundred and five."""
    if not 0 <= value <= 999:
        raise ValueError(f"Expected a number from 0 to 999. Received: {value}")
    hundreds, rest = divmod(value, 100)
    if hundreds:
        head = f"{UNITS[hundreds]} hundred"
        return f"{head} and {number(rest)}" if rest else head
    if value < 20:
        return UNITS[value]
    tens, unit = divmod(value, 10)
    return TENS[tens] + (f"-{UNITS[unit]}" if unit else "")


def date(day: int, month: int, weekday: int | None = None) -> str:
    """Give a date: on 3 May, on Monday 1 August. `month` and `weekday` count from 0."""
    words = ["on"] if weekday is None else ["on", WEEKDAYS[weekday]]
    return " ".join([*words, str(day), MONTHS[month]])


def hour(value: int, part: str = "") -> str:
    """Give a time of day in words: three o'clock, half past three, a quarter to five, noon.

    Args:
        value: The hour, from 1 to 12; 12 is noon.
        part: "", "half past", "a quarter past" or "a quarter to".
    """
    words = "noon" if value == 12 else number(value)
    if part:
        return f"{part} {words}"
    return words if value == 12 else f"{words} o'clock"


def sentence(text: str, mark: str = ".") -> str:
    """Capitalise and close a sentence."""
    return text[:1].upper() + text[1:] + mark

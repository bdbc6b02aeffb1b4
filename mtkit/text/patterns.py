"""What in a text is none of its language: addresses, placeholders, tags."""

import re

# Letters of scripts that put no space between words (Thai, Lao, Burmese, Khmer; Chinese and Japanese).
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\uff00-\uffef"
# What an address is made of: of its marks some do not end it, since they end the sentence around it.
LETTER, INNER = rf"[^\W{UNSPACED}]", "[.,;:!?'*]"
ADDRESS = rf"(?:{LETTER}|[-~/#@$&+=%|])"

# A conversion of printf. No letter follows ("20%discount" has none), unless it has a number or a name of its
# own, or what follows is a unit of measure ("%dMB", "%dx%d"; "Mo" in French) or another script. <1> is a tag
# that stands for a code (formats/tags.py).
_FORM, _LETTERS = r"[-+#0]*(?:\*|[1-9]\d*)?(?:\.(?:\*|\d+))?(?:hh?|ll?|[zjtLq])?", "[sdiufFgGeExXcpaAn@]"
_UNIT_WORD = rf"(?i:[kmgt]?(?:i?b|bps)|[kmg]i?o|[kmg]?hz|[cmk]?m|m?s|min|sec|[dhxkg]|p[xt]|th)(?!{LETTER})"
_UNIT = rf"{_UNIT_WORD}|[XxHhMmSs]%|[\u0370-\u1fff]"
_PRINTF = (
    rf"%%?(?:\d+\$|\(\w+\)){_FORM}{_LETTERS}|%%?(?:<(?!\d+>)\w+>)?{_FORM}{_LETTERS}(?!{LETTER})"
    rf"|(?<!\d)%{_FORM}[sduf](?={_UNIT})|%%"
)
# {name}, {0!r:>10}, {a, b}; {0,-10:#,##0.00}; {when, date, d MMMM}, but no message that chooses; {$name},
# {\pos(1,2)}; ${a + b}; {{#if a}}, {{ a | b }}, but no words in doubled braces.
_BRACES = (
    r"[%$]?\{\{[-~]?\s*+(?:[#/>^&=!@$][^{}]*+|[^{}\s|]*+(?:\s*+[|?:+*/=<>&-][^{}]*+)?)\s*+\}\}|[%$]\{[^{}]*+\}"
    r"|\{\s*+(?:[\\$][^{}\s]++|\d++(?:\s*+,\s*+-?\d++)?:[^{}]*+"
    r"|\w++\s*+,\s*+(?:number|date|time|spellout|ordinal|duration)\b[^{}]*+"
    r"|[\w.!<>=^\[\]'-]*+(?::[^{}\s]*+)?(?:\s*+,\s*+[\w.-]++)*+)\s*+\}"
)

# Names that stand for regular expressions.
PRESETS = {
    "url": (
        rf"(?i:(?<!{LETTER})(?:(?:https?|ftp)://|www\.)(?:{ADDRESS}|\((?:{ADDRESS}|{INNER})*\)|{INNER}+(?={ADDRESS}))+)"
    ),
    "email": rf"(?<![.+-])(?<!{LETTER})(?:{LETTER}|[.+-])+@(?:{LETTER}|-)+(?:\.(?:{LETTER}|-)+)+",
    "placeholder": (
        rf"{_PRINTF}|{_BRACES}|<%(?:[^%<]|%(?!>))*+%>|(?<!\w)%[A-Za-z][\w.]++%(?!\w)"
        r"|%L?[1-9](?!\w)|%[A-Z][A-Z0-9_]{2,}+%?(?!\w)|\$\(\w++\)|\$\[\w++\]"
    ),
    "tag": r"</?(?:[A-Za-z][^<>]*+|\d++/?)>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z][\w.-]*+);",
}


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script that puts no space between words; no character is not."""
    return re.fullmatch(f"[{UNSPACED}]", character) is not None

"""What in a text is none of its language: addresses, placeholders, tags."""

# Letters of scripts that put no space between words (Thai, Lao, Burmese, Khmer; Chinese and Japanese).
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\uff00-\uffef"
# What an address is made of: of its marks some do not end it, since they end the sentence around it.
LETTER, INNER = rf"[^\W{UNSPACED}]", "[.,;:!?'*]"
ADDRESS = rf"(?:{LETTER}|[-~/#@$&+=%|])"

# Names that stand for regular expressions.
PRESETS = {
    "url": rf"(?i:(?<!{LETTER})(?:(?:https?|ftp)://|www\.)(?:{ADDRESS}|\((?:{ADDRESS}|{INNER})*\)|{INNER}+(?={ADDRESS}))+)",
    "email": rf"(?<![.+-])(?<!{LETTER})(?:{LETTER}|[.+-])+@(?:{LETTER}|-)+(?:\.(?:{LETTER}|-)+)+",
    "placeholder": (
        # <m1> is a tag that stands for a code (formats/tags.py).
        rf"%(?:\d+\$|\(\w+\)|<(?!m\d+>)\w+>)?[-+#0]*(?:\*|[1-9]\d*)?(?:\.(?:\*|\d+))?(?:hh?|ll?|[zjtLq])?[sdiufFgGeExXcpaAn@](?!{LETTER})"
        r"|[%$]?\{\{?\s*+\\?[\w.:!<>=^\[\]'-]*+(?:\s*+,\s*+[\w.]++)*+\s*+\}?\}"
        r"|%[1-9](?!\w)|%[A-Z][A-Z0-9_]{2,}+%?(?!\w)|\$\(\w++\)|\$\[\w++\]"
    ),
    "tag": r"</?(?:[A-Za-z][^<>]*+|\d++/?)>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);",
}

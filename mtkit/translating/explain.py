"""Why a translation is as it is, for a terminal.

Its tokens, how sure the model was of each, what came near, and what it looked at.
"""

from rich.cells import cell_len

from mtkit.text.special import END_PIECE
from mtkit.translating.translation import TokenChoice, Translation

SHADES = " ·░▒▓█"


def explain(translation: Translation) -> str:
    """Some lines; a blank line for a blank line.

    The source and the translation; and a row for each token: its probability, its attention to each source
    piece as a shade, and the likeliest other tokens with theirs.

    Args:
        translation: with "choices" kept.
    """
    best = translation.best
    if not best:
        return "\n"
    names = [*best.tokens, END_PIECE][: len(best.choices)]
    width = max(map(cell_len, names), default=0)
    lines = [
        f"source       {translation.source}",
        f"translation  {translation.text}",
        f"score        {translation.score:.4f}",
    ]
    if best.choices and best.choices[0].attention is not None:
        lines += header(translation.source_tokens, width)
    lines += [row(name, choice, width) for name, choice in zip(names, best.choices, strict=True)]
    return "\n".join(lines) + "\n\n"


def header(source_tokens: tuple[str, ...], width: int) -> list[str]:
    """The numbers of the source pieces, and these numbers above their columns."""
    pieces = list(enumerate([*source_tokens, END_PIECE], 1))
    numbered = " ".join(f"{number}:{piece}" for number, piece in pieces)
    columns = "".join(str(number % 10) for number, _ in pieces)
    return [f"pieces       {numbered}", " " * (width + 8) + f"|{columns}|"]


def row(name: str, choice: TokenChoice, width: int) -> str:
    """The line of a token; its name fills so many cells, of which a Chinese character has two."""
    space = " " * (width - cell_len(name))
    shades = "" if choice.attention is None else "|" + "".join(map(shade, choice.attention)) + "|"
    near = "  ".join(f"{piece} {probability:.2f}" for piece, probability in choice.runners_up)
    return f"{name}{space}  {choice.probability:.3f} {shades}  {near}".rstrip()


def shade(weight: float) -> str:
    """A character that is the darker the nearer a weight is to 1."""
    return SHADES[min(len(SHADES) - 1, int(float(weight) * len(SHADES)))]

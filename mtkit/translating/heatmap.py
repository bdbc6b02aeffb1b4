"""Attention as a picture: what each token of a translation looked at."""

import html
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mtkit.errors import MtkitError, SettingsError
from mtkit.text.special import END_PIECE
from mtkit.translating.translation import Translation
from mtkit.writing import save_figure

PICTURES = ("svg", "png")
# More are too many for one picture.
MOST_IN_A_PICTURE = 12

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Attention</title>
<style>
:root { color-scheme: light dark; --ink: 31, 80, 160 }
@media (prefers-color-scheme: dark) { :root { --ink: 120, 170, 255 } }
body { font: 15px system-ui, sans-serif; margin: 2rem }
section { overflow-x: auto; margin-bottom: 2.5rem }
table { border-collapse: separate; border-spacing: 2px }
th { font-weight: normal; white-space: nowrap }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left;
  vertical-align: bottom; padding: 2px 0 }
tbody th { text-align: right; padding-right: 6px }
td { width: 1.5rem; min-width: 1.5rem; height: 1.5rem; border-radius: 3px;
  background: rgba(var(--ink), var(--w)) }
</style>
<h1>Attention</h1>
<p>A column for each piece of the source, a row for each piece of the translation;
point at a cell for its weight.</p>
"""


class AttentionMap(NamedTuple):
    """Attention of one translation.

    Attributes:
        source, target: the pieces of both sides, each with the end.
        weights: float [T, S].
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: np.ndarray


def map_of(translation: Translation) -> AttentionMap | None:
    """The attention of the best translation of a line, if it was kept; None for a blank line."""
    attention = translation.best.hypothesis.attention if translation.best else None
    if attention is None:
        return None
    source, target = (*translation.source_tokens, END_PIECE), (*translation.best.tokens, END_PIECE)
    return AttentionMap(source, target[: len(attention)], attention)


class HeatMaps:
    """The content of a file of attention: a page of all translations, or a picture of the first ones.

    Args:
        name: of the file; it ends in .html, .svg or .png.

    Raises:
        SettingsError: a file name that says none of these.
        MtkitError: what draws pictures is not installed.
    """

    def __init__(self, name: str):
        self.kind = Path(name).suffix[1:].lower()
        self._first: list[AttentionMap] = []
        if self.kind not in (*PICTURES, "html"):
            raise SettingsError(
                f"--attention takes a file that ends in .html, .svg or .png. Received: {name}"
            )
        if self.kind in PICTURES:
            try:
                import matplotlib  # noqa: F401
            except ModuleNotFoundError:
                raise MtkitError(
                    "a picture needs matplotlib: pip install 'mtkit[plots]'; or name a .html file"
                ) from None

    def add(self, translations: Sequence[Translation], before: int) -> bytes:
        """What the next translations add to the file, after those of `before` lines."""
        maps = list(filter(None, map(map_of, translations)))
        if self.kind in PICTURES:
            self._first += maps[: MOST_IN_A_PICTURE - len(self._first)]
            return b""
        head = "" if before else PAGE
        sections = [f"<section>{table_html(attention)}</section>\n" for attention in maps]
        return (head + "".join(sections)).encode()

    def end(self) -> bytes:
        """What stands at the end of the file: the picture, where it is one and there is something in it."""
        return picture(self._first, self.kind) if self._first else b""


def table_html(attention: AttentionMap) -> str:
    """The weights as a table of HTML of the class "map".

    The style of the page gives each cell the depth --w, from 0 to 1.
    """
    head = "".join(f"<th>{html.escape(piece)}</th>" for piece in attention.source)
    rows = []
    for piece, weights in zip(attention.target, attention.weights.tolist(), strict=True):
        cells = "".join(
            f'<td style="--w:{weight:.3f}" title="{html.escape(f"{piece} to {source}")}: {weight:.3f}"></td>'
            for source, weight in zip(attention.source, weights, strict=True)
        )
        rows.append(f"<tr><th>{html.escape(piece)}</th>{cells}</tr>\n")
    body = "".join(rows)
    return f'<table class="map"><thead><tr><th></th>{head}</tr></thead><tbody>\n{body}</tbody></table>'


def picture(maps: Sequence[AttentionMap], kind: str) -> bytes:
    """A picture of some translations, the content of a file of kind "svg" or "png"; matplotlib draws it.

    The same translations give the same bytes.
    """
    from matplotlib.figure import Figure

    columns = min(3, len(maps))
    lines = math.ceil(len(maps) / columns)
    width = columns * max(len(attention.source) for attention in maps) * 0.35 + 1.5 * columns
    height = lines * max(len(attention.target) for attention in maps) * 0.35 + 1.2 * lines
    figure = Figure(figsize=(width, height), layout="constrained")
    for number, attention in enumerate(maps, 1):
        axes = figure.add_subplot(lines, columns, number)
        axes.imshow(attention.weights, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        axes.set_xticks(range(len(attention.source)), attention.source, rotation=90)
        axes.set_yticks(range(len(attention.target)), attention.target)
        axes.tick_params(length=0)
    content = io.BytesIO()
    save_figure(figure, content, kind)
    return content.getvalue()

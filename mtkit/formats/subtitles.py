"""Subtitles: SubRip (.srt) and WebVTT (.vtt). A text has as many lines afterwards as before."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mtkit.formats.format import FillOptions, Format
from mtkit.formats.span_document import SpanDocument, TextSpan
from mtkit.formats.text_file import TextFile
from mtkit.text.lines import one_line

_TIME = re.compile(r"[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->")
# What begins a block of WebVTT that is not shown.
_REMARK = re.compile(r"(?:NOTE|STYLE|REGION)(?=\s|\Z)")
_LETTER = re.compile(r"[^\W\d_]")


class SubtitleDocument(SpanDocument):
    """An opened file.

    Args:
        web: whether it is WebVTT.
    """

    keyed = False

    def __init__(self, path: Path, options: FillOptions, *, web: bool):
        file = TextFile.read(path)
        super().__init__(file, list(_Cues(file.text, web=web).spans()))

    def written(self, translation: str, before: str) -> str:
        """A text in as many lines as stood there, of about the same length; what says the same stays as it
        stands.
        """
        if translation == _said(before.split("\n")):
            return before
        end = "\r\n" if "\r\n" in before else "\n"
        if "\n" in translation:
            return translation.replace("\n", end)
        return end.join(_balanced(translation.split(" "), before.count("\n") + 1))


def _balanced(words: list[str], count: int) -> Iterator[str]:
    """Words in so many lines, of about the same length."""
    letters = sum(map(len, words)) + len(words) - 1
    place = 0
    for number in range(count):
        if place == len(words):
            return
        line = words[place]
        place += 1
        target = letters / (count - number)
        is_last = number == count - 1
        while place < len(words) and (is_last or len(line) + 1 + len(words[place]) / 2 <= target):
            line += " " + words[place]
            place += 1
        letters -= len(line) + 1
        yield line


def _said(lines: Sequence[str]) -> str:
    """What the lines of a subtitle say. Those that begin with a dash are what different people say, and stay
    lines.
    """
    parts = [one_line(line) for line in lines]
    are_answers = len(parts) > 1 and all(part[:1] in "-–—" for part in parts)
    return ("\n" if are_answers else " ").join(parts)


@dataclass(frozen=True)
class _TextLine:
    """A line without its end, and where it begins."""

    start: int
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


class _Cues:
    """The texts of subtitles: the lines behind a line of times, up to a blank one, or to the next times.

    What is behind a blank line is a text of the same subtitle, but in WebVTT, where a blank line ends one,
    and remarks and styles stand between them.
    """

    def __init__(self, text: str, *, web: bool):
        self.web = web
        # A blank line ends the last text too.
        self.lines = [*_lines(text), _TextLine(len(text), "")]
        self.times = {number for number, line in enumerate(self.lines) if _TIME.match(line.text)}
        numbered = {number - 1 for number in self.times if self.lines[number - 1].text.strip().isdigit()}
        self.heads = self.times | numbered

    def spans(self) -> Iterator[TextSpan]:
        """The texts, in order."""
        cue: list[_TextLine] = []
        is_shown = is_remark = False
        for number, line in enumerate(self.lines):
            if line.is_blank or number in self.heads:
                if any(_LETTER.search(part.text) for part in cue):
                    yield _span(cue)
                cue = []
                is_shown = number in self.times or (is_shown and not (line.is_blank and self.web))
                is_remark = is_remark and not line.is_blank
            elif self._begins_remark(number):
                is_remark = True
            elif is_shown and not is_remark:
                cue.append(line)

    def _begins_remark(self, number: int) -> bool:
        is_first = number == 0 or self.lines[number - 1].is_blank
        return self.web and is_first and _REMARK.match(self.lines[number].text) is not None


def _span(lines: Sequence[_TextLine]) -> TextSpan:
    """The text in some lines, without the space around it."""
    first, last = lines[0], lines[-1]
    indent = len(first.text) - len(first.text.lstrip())
    stop = last.start + len(last.text.rstrip())
    return TextSpan(first.start + indent, stop, _said([line.text for line in lines]))


def _lines(text: str) -> Iterator[_TextLine]:
    place = 0
    for line in text.split("\n"):
        yield _TextLine(place, line.removesuffix("\r"))
        place += len(line) + 1


SUBRIP = Format(open_document=partial(SubtitleDocument, web=False))
WEBVTT = Format(open_document=partial(SubtitleDocument, web=True))

"""`mtkit translate` of lines: what is read, what is written, and what is told at the end."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from mtkit.checkpoint import Checkpoint, sha256
from mtkit.cli.translate_streams import (
    MOST_NAMED,
    STDIN,
    count_lines,
    demands_of,
    files_beside,
    loaded,
    output,
    progress,
    read,
)
from mtkit.errors import InputError, SettingsError
from mtkit.settings import as_table
from mtkit.settings.search import search_of
from mtkit.settings.translate import TranslateSettings
from mtkit.writing import write_all

if TYPE_CHECKING:
    from mtkit.translating.glossary import TermUse
    from mtkit.translating.journal import Journal
    from mtkit.translating.plan import Plan
    from mtkit.translating.translation import Translation

# Settings of [translate] that change no translation.
NOT_IN_THE_OUTPUT = ("weights", "threads", "batch_tokens", "chunk_lines", "output", "journal")


def translate_lines(checkpoint: Checkpoint, files: Sequence[Path], settings: TranslateSettings) -> None:
    """Translate the lines of files, and write what the settings ask for."""
    require_streams(files, settings)
    typed = tuple(files) == (STDIN,) and sys.stdin.isatty()
    if typed:
        click.echo("loading; then type a sentence and Enter, Ctrl-D to end", err=True)
    plan = planned(checkpoint, settings)
    with contextlib.ExitStack() as opened:
        journal = None
        outputs = outputs_of(settings)
        streams = [opened.enter_context(output(part.name)) for part in outputs]
        if settings.journal:
            journal = opened.enter_context(open_journal(checkpoint, settings, plan))
        reporter = opened.enter_context(progress(settings.output, typed=typed))
        run = LinesRun(plan, settings, list(zip(outputs, streams, strict=True)), read(files))
        if journal:
            run.replay(journal)
        while run.next_chunk(1 if typed else settings.chunk_lines, journal):
            count_lines(reporter, run.done)
        run.end()
    for line in run.notes.lines():
        click.echo(line, err=True)


def require_streams(files: Sequence[Path], settings: TranslateSettings) -> None:
    """Raise for files that cannot be read, or written, as they are asked to."""
    beside = [Path(name) for name in files_beside(settings).values()]
    if [*files, *beside].count(STDIN) > 1:
        raise InputError("stdin can be read once: only one of the files may be -")
    if settings.journal:
        for file in beside:
            if not file.is_file():
                raise InputError(f"{file} is read twice with --journal, and must be a file")
        if settings.attention and Path(settings.attention).suffix.lower() != ".html":
            raise SettingsError(
                "--attention draws a picture at the end, of what one run translates: leave --journal out, or"
                " name a .html file"
            )
    names = (settings.output, settings.alignments, settings.attention, settings.journal)
    written = [Path(name).resolve() for name in names if name]
    if len(set(written)) < len(written):
        raise SettingsError(
            "--output, --alignments, --attention and --journal: two of them name the same file"
        )


def planned(checkpoint: Checkpoint, settings: TranslateSettings) -> "Plan":
    """How the lines are translated."""
    from mtkit.translating.compatibility import check_together, options_in_use

    search, demands, keep = search_of(settings), demands_of(settings), kept(settings)
    given = [flag for flag, name in BESIDE_LINES.items() if getattr(settings, name)]
    in_use = options_in_use(search, keep, demands, (*given, f"--format {settings.format}"))
    check_together(in_use)
    translator = loaded(checkpoint, settings)
    return translator.plan(search, keep=keep, demands=demands, given=given)


# The files that have a line for each line of the input.
BESIDE_LINES = {"--prefixes": "prefixes", "--force-reference": "force_reference"}


def kept(settings: TranslateSettings) -> list[str]:
    """What is kept of a search beside text and score; see `compatibility.KEEP`."""
    in_use = {
        "score": settings.format != "text",
        "alignment": settings.alignments,
        "attention": settings.attention,
        "entropies": settings.signals,
        "choices": settings.explain,
    }
    return [name for name, value in in_use.items() if value]


@dataclass(frozen=True)
class Output:
    """Something that is written of translations.

    Attributes:
        name: of the file; None is stdout.
        form: (translations, number of lines before) -> what they add.
        end: gives what stands behind the last of them.
    """

    name: str | None
    form: Callable[[Sequence["Translation"], int], bytes]
    end: Callable[[], bytes] = bytes


class LinesRun:
    """Lines on their way from the input to the output.

    Attributes:
        done: how many lines were written.
        given: the lines beside the input.
        notes: what is to be told at the end.

    Args:
        outputs: what is written of translations, and where.
    """

    def __init__(
        self,
        plan: "Plan",
        settings: TranslateSettings,
        outputs: Sequence[tuple[Output, BinaryIO]],
        lines: Iterator[str],
    ):
        self.done = 0
        self.given = Counterpart(settings.force_reference or settings.prefixes)
        self.notes = Notes(searched=not settings.force_reference)
        self._judging = bool(settings.force_reference)
        self._plan = plan
        self._outputs = outputs
        self._lines = lines
        self._before: Sequence[str] = ()

    def replay(self, journal: "Journal") -> None:
        """Write what a journal has."""
        for chunk, texts in journal.replay(self._take):
            self.given.take(chunk)
            self._write(chunk, texts)

    def next_chunk(self, lines: int, journal: "Journal | None") -> bool:
        """Translate and write the next lines; false at the end of the input."""
        chunk = self._take(lines)
        if not chunk:
            return False
        translations = self._translated(chunk)
        self.notes.add(translations, self.done)
        texts = [part.form(translations, self.done) for part, _ in self._outputs]
        if journal:
            journal.add(chunk, texts)
        self._write(chunk, texts)
        return True

    def end(self) -> None:
        """Write what stands at the end; raises InputError where not all lines have their counterpart."""
        self.given.end()
        for part, stream in self._outputs:
            write_all(stream, part.end())

    def _translated(self, chunk: list[str]) -> list["Translation"]:
        beside = self.given.take(chunk)
        if self._judging:
            self.given.refuse_beside_blank_lines(chunk, beside)
            return self._plan.judge(chunk, beside, self._before)
        numbers = range(self.done, self.done + len(chunk))
        return self._plan.translate(chunk, numbers, beside, self._before)

    def _take(self, lines: int) -> list[str]:
        return list(islice(self._lines, lines))

    def _write(self, chunk: list[str], texts: list[bytes]) -> None:
        for text, (_, stream) in zip(texts, self._outputs, strict=True):
            write_all(stream, text)
        self.done += len(chunk)
        self._before = self._plan.preceding.going_along(self._before, chunk)


class Counterpart:
    """Another file, each of whose lines goes with a line of the input; or none."""

    def __init__(self, name: str | None):
        self.name = name
        self.lines = read([Path(name)]) if name else None
        self.done = 0

    def take(self, chunk: list[str]) -> list[str] | None:
        """The lines beside the next ones of the input; None without a file."""
        if self.lines is None:
            return None
        beside = list(islice(self.lines, len(chunk)))
        self.done += len(beside)
        if len(beside) < len(chunk):
            raise InputError(
                f"{self.name} has {self.done} lines, the input has more; each line needs its counterpart"
            )
        return beside

    def refuse_beside_blank_lines(self, chunk: list[str], beside: list[str]) -> None:
        """Raise InputError where a blank line, of those that were taken last, has a reference."""
        first = self.done - len(chunk) + 1
        for number, (line, reference) in enumerate(zip(chunk, beside, strict=True), first):
            if reference.strip() and not line.strip():
                raise InputError(f"{self.name}:{number}: a reference for a blank line of the input")

    def end(self) -> None:
        """Raises InputError if there are more lines, when the input has come to its end."""
        if self.lines is not None and next(self.lines, None) is not None:
            raise InputError(
                f"the input has {self.done} lines, {self.name} has more; each line needs its counterpart"
            )


class Notes:
    """What is told when all is translated: how demands fared, and which lines went wrong at first sight.

    Args:
        searched: whether the translations are the model's own.
    """

    def __init__(self, *, searched: bool):
        self.searched = searched
        self.uses: list[tuple[int, TermUse]] = []
        self.changed: list[tuple[int, str]] = []
        self.faults: dict[str, list[int]] = {}

    def add(self, translations: Sequence["Translation"], before: int) -> None:
        """Look at translations with so many lines before them."""
        from mtkit.translating.signals import faults, remarks

        for number, translation in enumerate(translations, before + 1):
            self.uses += [(number, use) for use in translation.terms]
            self.changed += [(number, text) for text in translation.changed]
            told = [*faults(translation), *remarks(translation)] if self.searched else []
            for fault in told:
                self.faults.setdefault(fault, []).append(number)

    def lines(self) -> Iterator[str]:
        """What there is to say."""
        from mtkit.text.lines import line_numbers_text
        from mtkit.translating.glossary import report

        yield from report(self.uses)
        for number, text in self.changed[:MOST_NAMED]:
            yield f"note: line {number}: its translation does not have {text!r} as often as it"
        if len(self.changed) > MOST_NAMED:
            yield f"note: and {len(self.changed) - MOST_NAMED} more texts that were to stay"
        for fault, numbers in self.faults.items():
            yield f"note: {fault}: {len(numbers)} translations ({line_numbers_text(numbers)})"


def outputs_of(settings: TranslateSettings) -> list[Output]:
    """What is written of translations."""
    from mtkit.translating.output import OutputForm, alignment_lines

    form = OutputForm(
        settings.format,
        settings.n_best,
        settings.signals,
        judged=bool(settings.force_reference),
        explained=settings.explain,
    )
    outputs = [Output(settings.output, form.lines)]
    if settings.alignments:
        outputs.append(Output(settings.alignments, alignment_lines))
    if settings.attention:
        from mtkit.translating.heatmap import HeatMaps

        maps = HeatMaps(settings.attention)
        outputs.append(Output(settings.attention, maps.add, maps.end))
    return outputs


def open_journal(checkpoint: Checkpoint, settings: TranslateSettings, plan: "Plan") -> "Journal":
    """The journal, with what the output depends on: settings, weights, their reach, the files beside."""
    from mtkit.engines.model_source import weights_checksum
    from mtkit.engines.registry import engine_kind
    from mtkit.translating.journal import Journal

    facts = {name: value for name, value in as_table(settings).items() if name not in NOT_IN_THE_OUTPUT}
    facts |= {name: sha256(Path(file)) for name, file in files_beside(settings).items()}
    splitter = plan.splitter
    facts["reach"] = {"whole_tokens": splitter.whole_tokens, "most_tokens": splitter.sentences.most_tokens}
    kind = engine_kind(plan.engine)
    if kind.searches_by_itself:
        facts["engine"] = plan.engine
    models = [checkpoint, *(Checkpoint(Path(name)) for name in settings.ensemble)]
    facts["models"] = [weights_checksum(model, settings.weights, kind.stage) for model in models]
    return Journal(Path(settings.journal), facts)

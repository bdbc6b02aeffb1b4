"""The text that systems are scored on, and their translations of it."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError, InputError
from mtkit.reporter import Reporter
from mtkit.settings.score import CompareSettings, ReportSettings, ScoreSettings
from mtkit.settings.search import search_of
from mtkit.text.lines import open_text, read_lines
from mtkit.translating.loading import load
from mtkit.translating.translation import Translation
from mtkit.translating.translator import Translator

# Of a name in the name of a file.
MOST_LETTERS = 80


@dataclass(frozen=True)
class EvaluationText:
    """Text with its translations by people.

    Attributes:
        name: of the part of the prepared text, or of the file or test set that it is from.
        sources: None where they are not known.
        references: one list or more.
        prepared: whether it is a part of the prepared text.
    """

    name: str
    sources: list[str] | None
    references: list[list[str]]
    prepared: bool = False

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return f"the {self.name} text" if self.prepared else self.name

    @property
    def file_name(self) -> str:
        """What files about it are called: of other texts than the prepared ones, also by what is in them."""
        if self.prepared:
            return self.name
        content = "\0".join("\n".join(lines) for lines in (self.sources or [], *self.references))
        return f"{self.name[:MOST_LETTERS]}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    @property
    def lines(self) -> int:
        """How many it has."""
        return len(self.references[0])


def prepared_text(checkpoint: Checkpoint, split: str | None) -> EvaluationText:
    """A part of the prepared text: "test" or "valid"; None is test if there is one, else valid.

    Raises:
        CheckpointError: it is not there, or damaged.
    """
    names = [split] if split else ["test", "valid"]
    name = next((name for name in names if (checkpoint.data / name / "source.txt").exists()), None)
    if not name:
        raise CheckpointError(
            f"{checkpoint.directory} holds no {' or '.join(names)} text; prepare it with --{names[0]}, "
            "or name files with --source and --reference"
        )
    checkpoint.verify("prepare", f"data/{name}/")
    source = read_file(checkpoint.data / name / "source.txt")
    target = read_file(checkpoint.data / name / "target.txt")
    return EvaluationText(name, source, [target], prepared=True)


def text_of_files(source: str | None, references: Sequence[str]) -> EvaluationText:
    """Text from files; raises InputError where their lines differ in number."""
    names = [source, *references] if source else list(references)
    lines = {name: read_file(name) for name in dict.fromkeys(names)}
    first = names[0]
    for name in names[1:]:
        check_lines(first, lines[first], name, lines[name])
    return EvaluationText(
        name="stdin" if first == "-" else Path(first).name,
        sources=lines[source] if source else None,
        references=[lines[reference] for reference in references],
    )


def read_hypotheses(name: str, text: EvaluationText, reference: Sequence[str]) -> list[str]:
    """A translation of a text, from a file.

    Args:
        reference: the files that the references are from; none where they are from elsewhere.

    Raises:
        InputError: the file does not belong to the text line by line.
    """
    hypotheses = read_file(name)
    check_lines(name, hypotheses, reference[0] if reference else text.title, text.references[0])
    return hypotheses


def check_lines(name: str, lines: Sequence[str], other: str, others: Sequence[str]) -> None:
    """Raises InputError where two files do not belong together line by line, or have none."""
    if len(lines) != len(others):
        raise InputError(
            f"{name} has {len(lines)} lines but {other} has {len(others)}; each line needs its counterpart"
        )
    if not lines:
        raise InputError(f"{name} and {other}: there are no lines to score")


def read_file(name: str | Path) -> list[str]:
    """The lines of a file, or of stdin where its name is "-"."""
    if name == "-":
        return [line for _, line in read_lines(sys.stdin.buffer, "stdin")]
    with open_text(Path(name)) as stream:
        return [line for _, line in read_lines(stream, str(name))]


@dataclass(frozen=True)
class TranslatedText:
    """A text translated by a trained checkpoint directory.

    Attributes:
        engine: the name of what ran the model.
        translator: what translated it.
    """

    translations: list[Translation]
    engine: str
    translator: Translator

    @property
    def lines(self) -> list[str]:
        return [translation.text for translation in self.translations]


def loaded(
    checkpoint: Checkpoint, settings: ScoreSettings | CompareSettings | ReportSettings, reporter: Reporter
) -> Translator:
    """What translates a text that is scored, by the settings that `mtkit translate` has too.

    Raises:
        CheckpointError: not trained, or damaged.
    """
    names = ("weights", "tag", "context", "engine", "precision", "threads")
    given = {name: getattr(settings, name) for name in names if hasattr(settings, name)}
    return load(checkpoint.directory, reporter=reporter, **given)


def translated(
    checkpoint: Checkpoint,
    settings: ScoreSettings | CompareSettings | ReportSettings,
    text: EvaluationText,
    reporter: Reporter,
) -> TranslatedText:
    """A text translated by a trained checkpoint directory, as `mtkit translate` does.

    Raises:
        CheckpointError: not trained, or damaged.
    """
    translator = loaded(checkpoint, settings, reporter)
    plan = translator.plan(search_of(settings))
    return TranslatedText(plan.translate(text.sources), plan.engine, translator)

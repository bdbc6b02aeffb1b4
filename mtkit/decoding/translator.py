"""From lines to translations: blank lines set aside, sorted by length, searched in batches, put back in order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.vocabulary import load_sides
from mtkit.decoding.search import Hypothesis, beam_search
from mtkit.errors import CheckpointError
from mtkit.settings import TranslateSettings, resolve
from mtkit.text.special import END_ID, PAD_ID
from mtkit.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Translation:
    """A line and its best hypothesis. A blank line has an empty text and score 0.

    Attributes:
        score: log-probability in nats over the length penalty.
        tokens: the pieces of the hypothesis.
    """

    source: str
    text: str
    score: float
    tokens: tuple[str, ...]
    hypothesis: Hypothesis | None = None


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizer of each side; one and the same for a joint vocabulary."""

    source: Tokenizer
    target: Tokenizer

    @property
    def joint(self) -> bool:
        return self.source is self.target


def load_tokenizers(checkpoint: Checkpoint) -> Tokenizers:
    """The tokenizers of a prepared checkpoint directory; raises CheckpointError where they are damaged."""
    checkpoint.verify("prepare", "vocab/")
    return Tokenizers(**load_sides(checkpoint.vocab))


class Translator:
    """Translates lists of lines with an engine; the settings choose the search."""

    def __init__(self, engine, tokenizers: Tokenizers, settings: TranslateSettings):
        self.engine = engine
        self.tokenizers = tokenizers
        self.settings = settings

    def translate(self, lines: list[str]) -> list[Translation]:
        """One translation a line, in order."""
        results = [Translation(line, "", 0.0, ()) for line in lines]
        places = [place for place, line in enumerate(lines) if line.strip()]
        encoded = dict(zip(places, self.tokenizers.source.encode([lines[place] for place in places]), strict=True))
        places.sort(key=lambda place: len(encoded[place]))
        if not places:
            return results
        size = self.settings.batch_size
        batches = [places[first : first + size] for first in range(0, len(places), size)]
        with ThreadPoolExecutor(self.engine.parallel) as pool:
            found = list(pool.map(lambda batch: self.search([encoded[place] for place in batch]), batches))
        for batch, best in zip(batches, found, strict=True):
            texts = self.tokenizers.target.decode([list(hypothesis.ids) for hypothesis in best])
            for place, hypothesis, text in zip(batch, best, texts, strict=True):
                tokens = tuple(self.tokenizers.target.pieces(list(hypothesis.ids)))
                one_line = text.replace("\n", " ").replace("\r", " ")
                results[place] = Translation(lines[place], one_line, hypothesis.score, tokens, hypothesis)
        return results

    def search(self, sources: list[list[int]]) -> list[Hypothesis]:
        """The best hypothesis for each list of source ids."""
        settings = self.settings
        array = np.full((len(sources), max(map(len, sources)) + 1), PAD_ID, np.int32)
        for row, ids in enumerate(sources):
            array[row, : len(ids) + 1] = [*ids, END_ID]
        longest = np.array([int(settings.max_length_factor * len(ids)) + 10 for ids in sources])
        step = self.engine.step_function(settings.beam)
        found = beam_search(step, self.engine.start(array), settings.beam, longest, settings.length_penalty)
        return [hypotheses[0] for hypotheses in found]


def weights_files(checkpoint: Checkpoint, name: str) -> list[Path]:
    """The weights called 'best', 'last', 'average' or a step number, and those to use in their place should they be damaged.

    A step that was asked for by its number has no substitute. Raises CheckpointError that lists what there is.
    """
    steps = sorted(checkpoint.weights.glob("step-*.safetensors"), reverse=True)
    by_name = {path.stem.removeprefix("step-").lstrip("0"): [path] for path in reversed(steps)}
    if steps:
        by_name["last"] = steps
    average = checkpoint.weights / "average.safetensors"
    if average.exists():
        by_name["average"] = [average, *steps]
    best = checkpoint.weights / "best.safetensors"
    if best.exists():
        best_step = checkpoint.require_stage("train").get("best_step")
        by_name["best"] = [best, *by_name.get(str(best_step), []), *steps]
    if name not in by_name:
        raise CheckpointError(f"no weights {name!r} in {checkpoint.weights}; there are: {', '.join(by_name) or 'none'}")
    return by_name[name]


def load_first_whole(model, paths: list[Path], warn: Callable[[str], None]) -> None:
    """Set a model's weights to the first of these files (see `weights_files`) that is not damaged; a damaged one is warned of.

    Raises:
        CheckpointError: all are damaged.
    """
    from mtkit.model.weights import load_weights

    for path in paths:
        try:
            return load_weights(model, path)
        except CheckpointError as error:
            if path == paths[-1]:
                raise
            warn(f"{error}; using the next best weights instead")


def load_translator(
    checkpoint: Checkpoint, settings: TranslateSettings, warn: Callable[[str], None] = lambda message: None
) -> Translator:
    """A translator with the weights of a trained checkpoint directory.

    Args:
        warn: called with a sentence when damaged weights are passed over for others.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
    """
    checkpoint.require_stage("prepare")
    checkpoint.require_stage("train")
    tokenizers = load_tokenizers(checkpoint)
    paths = weights_files(checkpoint, settings.weights)
    model_settings = resolve("model", checkpoint.trained_model_settings(), origin=str(checkpoint.settings_file))
    from mtkit.model.build import Seq2Seq
    from mtkit.model.hardware import use_threads

    parallel = use_threads(settings.threads)
    from mtkit.decoding.engines import KerasEngine

    model = Seq2Seq(model_settings, tokenizers.source.size, tokenizers.target.size)
    try:
        load_first_whole(model, paths, warn)
    except CheckpointError as error:
        raise CheckpointError(f"{error}; choose others with --weights, or copy the checkpoint directory again") from None
    return Translator(KerasEngine(model, parallel), tokenizers, settings)

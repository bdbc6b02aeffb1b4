"""Translating with mtkit beside OpenNMT-py: models of the same shape, trained for as many steps, the same
lines, in turns.

    mtkit prepare -C speed --train multi30k/train --valid multi30k/valid \\
        --source-language en --target-language de --vocabulary-size 8000
    python3 -m venv onmt && onmt/bin/pip install OpenNMT-py
    python benchmarks/translate_opennmt.py speed multi30k/test2016.en --opennmt onmt/bin --work work

Whole processes. The seconds for one line, the start, are measured too and taken off for the sentences a
second. The folder --work keeps the trained models for another time. OpenNMT-py gets pieces and gives pieces;
mtkit makes them itself.
"""

import argparse
import functools
import itertools
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commands import QUIET, command_line, mtkit
from compare_opennmt import CONFIGURATION, MODEL, RNN_CONFIGURATION, write_pieces

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers

SHORTLIST = 30


@dataclass(frozen=True)
class Models:
    """The two models, and the text that they translate.

    Attributes:
        folder: of all that is made here.
        opennmt: of the programs of OpenNMT-py.
        texts: of each name ("one" line, "all" of them) the file as it is, and in pieces.
    """

    folder: Path
    opennmt: Path
    steps: int
    batch_size: str
    texts: dict[str, tuple[Path, Path]]

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint"

    @property
    def theirs(self) -> Path:
        return self.folder / f"model_step_{self.steps}.pt"

    def mtkit_command(self, name: str, beam: str, precision: str, shortlist: int) -> list:
        options = ("--beam", beam, "--engine", "onnx", "--precision", precision, "--shortlist", shortlist)
        output = ("--output", self.folder / "ours")
        return command_line("translate", "-C", self.checkpoint, self.texts[name][0], *options, *output)

    def opennmt_command(self, name: str, beam: str) -> list:
        search = ("-beam_size", beam, "-batch_size", self.batch_size, "-output", self.folder / "theirs")
        return [self.opennmt / "onmt_translate", "-model", self.theirs, "-src", self.texts[name][1], *search]

    def ways(self, beam: str) -> dict[str, Callable[[str], list]]:
        """Each way to translate: the name of a text -> the command."""
        ways = {"OpenNMT-py": functools.partial(self.opennmt_command, beam=beam)}
        for precision, shortlist in itertools.product(("float32", "int8"), (0, SHORTLIST)):
            title = f"mtkit {precision}" + (f" --shortlist {shortlist}" if shortlist else "")
            ways[title] = functools.partial(
                self.mtkit_command, beam=beam, precision=precision, shortlist=shortlist
            )
        return ways


def main() -> None:
    arguments = arguments_given()
    folder = arguments.work.resolve()
    folder.mkdir(exist_ok=True)
    lines = arguments.source.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    opennmt, checkpoint = arguments.opennmt.resolve(), folder / "checkpoint"
    train(arguments.checkpoint, checkpoint, opennmt, arguments.steps)
    texts = write_texts(Checkpoint(checkpoint), lines, folder)
    models = Models(folder, opennmt, arguments.steps, arguments.batch_size, texts)
    for beam in ("5", "1"):
        print_times(beam, measured(models.ways(beam), arguments.rounds), len(lines))
        for name, unit in (("ours", "words"), ("theirs", "pieces")):
            print(f"  {name}: {len((folder / name).read_text(encoding='utf-8').split())} {unit}")


def arguments_given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="a directory that `mtkit prepare` made")
    parser.add_argument("source", type=Path, help="the lines to translate")
    parser.add_argument(
        "--opennmt", type=Path, required=True, help="the folder of onmt_train and onmt_translate"
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", default="64", help="sentences at once, of OpenNMT-py")
    return parser.parse_args()


def train(prepared: Path, checkpoint: Path, opennmt: Path, steps: int) -> None:
    """Train both models, where they are not there yet."""
    folder = checkpoint.parent
    if not checkpoint.exists():
        shutil.copytree(prepared, checkpoint, ignore=shutil.ignore_patterns("weights", "training", "export"))
        mtkit("train", "-C", checkpoint, "--force", "--max-steps", steps, "--patience", 0, *QUIET, *MODEL)
    if not (folder / f"model_step_{steps}.pt").exists():
        write_pieces(Checkpoint(checkpoint), folder)
        settings = (CONFIGURATION + RNN_CONFIGURATION).format(folder=folder, steps=steps, report=100)
        (folder / "run.yaml").write_text(settings)
        run(opennmt / "onmt_train", "-config", folder / "run.yaml")


def write_texts(checkpoint: Checkpoint, lines: list[str], folder: Path) -> dict[str, tuple[Path, Path]]:
    """Files with one line and with all lines; see `Models.texts`."""
    tokenizer = load_tokenizers(checkpoint).source
    pieces = [" ".join(tokenizer.pieces(ids)) for ids in tokenizer.encode(lines)]
    texts = {}
    for name, count in (("one", 1), ("all", len(lines))):
        texts[name] = folder / f"{name}.text", folder / f"{name}.pieces"
        for file, content in zip(texts[name], (lines, pieces), strict=True):
            file.write_text("".join(line + "\n" for line in content[:count]), encoding="utf-8")
    return texts


def measured(ways: dict[str, Callable[[str], list]], rounds: int) -> dict[tuple[str, str], float]:
    """Median seconds of each way for one line and for all: {(way, name of a text): seconds}."""
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in itertools.product(ways, ("one", "all"))}
    for _ in range(rounds):
        for way, name in seconds:
            seconds[way, name].append(run(*ways[way](name)))
    return {key: statistics.median(of_key) for key, of_key in seconds.items()}


def print_times(beam: str, medians: dict[tuple[str, str], float], lines: int) -> None:
    """A row for each way, beside OpenNMT-py."""
    their_whole = medians["OpenNMT-py", "all"]
    their_decoding = their_whole - medians["OpenNMT-py", "one"]
    for way in dict.fromkeys(way for way, _ in medians):
        whole, start = medians[way, "all"], medians[way, "one"]
        decoding = whole - start
        print(
            f"beam {beam}  {way:<28}  whole {whole:6.2f} s ({their_whole / whole:.1f} times)  start"
            f" {start:5.2f} s  {lines / decoding:6.0f} sentences/s ({their_decoding / decoding:.1f} times)",
            flush=True,
        )


def run(*command: object) -> float:
    """Seconds that a command takes."""
    began = time.perf_counter()
    # OpenNMT-py 3.5 pickles its settings, which a newer PyTorch reads only when it is told to.
    environment = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
    subprocess.run(
        list(map(str, command)),
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

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
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from commands import QUIET, command_line, mtkit
from compare_opennmt import CONFIGURATION, MODEL, RNN_CONFIGURATION, write_pieces

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers

SHORTLIST = 30


def main() -> None:
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
    arguments = parser.parse_args()
    folder = arguments.work.resolve()
    opennmt = arguments.opennmt.resolve()
    folder.mkdir(exist_ok=True)
    trained = folder / "checkpoint"
    if not trained.exists():
        shutil.copytree(
            arguments.checkpoint, trained, ignore=shutil.ignore_patterns("weights", "training", "export")
        )
        mtkit(
            "train", "-C", trained, "--force", "--max-steps", arguments.steps, "--patience", 0, *QUIET, *MODEL
        )
    model = folder / f"model_step_{arguments.steps}.pt"
    if not model.exists():
        write_pieces(Checkpoint(trained), folder)
        settings = (CONFIGURATION + RNN_CONFIGURATION).format(
            folder=folder, steps=arguments.steps, report=100
        )
        (folder / "run.yaml").write_text(settings)
        run(opennmt / "onmt_train", "-config", folder / "run.yaml")

    lines = arguments.source.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    tokenizer = load_tokenizers(Checkpoint(trained)).source
    pieces = [" ".join(tokenizer.pieces(ids)) for ids in tokenizer.encode(lines)]
    files = {}
    for name, count in (("one", 1), ("all", len(lines))):
        files[name] = folder / f"{name}.text", folder / f"{name}.pieces"
        for file, content in zip(files[name], (lines, pieces), strict=True):
            file.write_text("".join(line + "\n" for line in content[:count]), encoding="utf-8")

    for beam in ("5", "1"):

        def ours(name: str, precision: str, shortlist: int, beam: str = beam) -> tuple:
            options = ("--beam", beam, "--engine", "onnx", "--precision", precision, "--shortlist", shortlist)
            output = ("--output", folder / "ours")
            return tuple(command_line("translate", "-C", trained, files[name][0], *options, *output))

        def theirs(name: str, beam: str = beam) -> tuple:
            search = ("-beam_size", beam, "-batch_size", arguments.batch_size, "-output", folder / "theirs")
            return opennmt / "onmt_translate", "-model", model, "-src", files[name][1], *search

        ways = {"OpenNMT-py": theirs}
        for precision in ("float32", "int8"):
            for shortlist in (0, SHORTLIST):
                title = f"mtkit {precision}" + (f" --shortlist {shortlist}" if shortlist else "")
                ways[title] = functools.partial(ours, precision=precision, shortlist=shortlist)
        seconds: dict[tuple[str, str], list[float]] = {(way, name): [] for way in ways for name in files}
        for _ in range(arguments.rounds):
            for way, name in seconds:
                seconds[way, name].append(run(*ways[way](name)))
        medians = {key: statistics.median(found) for key, found in seconds.items()}
        for way in ways:
            whole, decoding = medians[way, "all"], medians[way, "all"] - medians[way, "one"]
            times = medians["OpenNMT-py", "all"] / whole
            decoding_times = (medians["OpenNMT-py", "all"] - medians["OpenNMT-py", "one"]) / decoding
            print(
                f"beam {beam}  {way:<28}  whole {whole:6.2f} s ({times:.1f} times)  start"
                f" {whole - decoding:5.2f} s  {len(lines) / decoding:6.0f} sentences/s ({decoding_times:.1f}"
                " times)",
                flush=True,
            )
        for name in ("ours", "theirs"):
            words = sum(
                len(line.split()) for line in (folder / name).read_text(encoding="utf-8").splitlines()
            )
            print(f"  {name}: {words} {'words' if name == 'ours' else 'pieces'}")


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

"""Where the time of a translation goes: the operators of each exported model, and what is left to numpy and
Python. One thread.

    python benchmarks/profile_translate.py checkpoint multi30k/test2016.en
    python benchmarks/profile_translate.py checkpoint multi30k/test2016.en --precision int8 --shortlist 30

Prints the seconds of the whole without a profiler, the rows that steps were taken with, the largest kinds of
operators by ONNX Runtime's own profile of a second pass, and, with a shortlist, how many tokens a batch
chooses from.
"""

import argparse
import collections
import json
import tempfile
import time
from pathlib import Path

import onnxruntime

import mtkit.engines.onnx_functions as onnx_functions
from mtkit.checkpoint import Checkpoint
from mtkit.engines.step_engine import EngineStep, StepEngine
from mtkit.settings.search import Search
from mtkit.translating.loading import load
from mtkit.translating.plan import Plan

LARGEST = 8


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--precision", default="float32", choices=("float32", "int8"))
    parser.add_argument("--shortlist", type=int, default=0)
    arguments = parser.parse_args()
    checkpoint = Checkpoint(arguments.checkpoint)
    lines = arguments.source.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    search = Search(beam=arguments.beam, shortlist=arguments.shortlist)
    plan = planned(checkpoint, search, arguments.precision)
    plan.translate(lines[:64])
    began = time.perf_counter()
    plan.translate(lines)
    print(f"whole  {time.perf_counter() - began:.2f} s for {len(lines)} lines, one thread")

    rows, unions, sessions = 0, [], {}
    advance, make_step, session = StepEngine.advance, EngineStep.__init__, onnx_functions.session

    def counting_advance(self, state, tokens, parents):
        nonlocal rows
        rows += len(tokens)
        return advance(self, state, tokens, parents)

    def counting_make_step(self, engine, candidates, forbidden, shortlist=None):
        unions.append(0 if shortlist is None else len(shortlist.ids))
        make_step(self, engine, candidates, forbidden, shortlist)

    with tempfile.TemporaryDirectory() as folder:

        def profiled(model: Path) -> onnxruntime.InferenceSession:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.enable_profiling, options.profile_file_prefix = True, f"{folder}/{model.stem}"
            sessions[model.stem] = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
            return sessions[model.stem]

        StepEngine.advance, EngineStep.__init__, onnx_functions.session = (
            counting_advance,
            counting_make_step,
            profiled,
        )
        try:
            planned(checkpoint, search, arguments.precision).translate(lines)
        finally:
            StepEngine.advance, EngineStep.__init__, onnx_functions.session = (
                advance,
                make_step,
                session,
            )
        print(f"rows   {rows:,}")
        if arguments.shortlist:
            print(
                f"tokens {sum(unions) / len(unions):,.0f} in a batch's shortlist, of"
                f" {plan.tokenizers.target.size:,}"
            )
        for name, profiling in sessions.items():
            report(name, Path(profiling.end_profiling()))


def planned(checkpoint: Checkpoint, search: Search, precision: str) -> Plan:
    """How lines are translated, in one thread."""
    return load(checkpoint.directory, engine="onnx", precision=precision, threads=1).plan(search)


def report(name: str, file: Path) -> None:
    """Print the largest kinds of operators of a model, from the profile that ONNX Runtime wrote."""
    seconds: collections.Counter = collections.Counter()
    for event in json.loads(file.read_text()):
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            seconds[event["args"]["op_name"]] += event["dur"] / 1e6
    print(f"{name}  {sum(seconds.values()):.2f} s")
    for operator, spent in seconds.most_common(LARGEST):
        print(f"  {spent:6.3f} s  {operator}")


if __name__ == "__main__":
    main()

"""`mtkit bench`."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from mtkit.checkpoint import Checkpoint
from mtkit.cli.options import resolve_settings, settings_command
from mtkit.model.backend import load_backend
from mtkit.reporter import TerminalReporter

if TYPE_CHECKING:
    from mtkit.training.bench import BenchReport


@settings_command("bench")
def bench(checkpoint_dir, config_file, **flags):
    """Measure how fast this machine trains and translates, on the text that 'mtkit prepare' stored. Changes
    nothing.

    Measures the trained model of the checkpoint directory, or, with --preset or before training, a new one.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("prepare")
    (settings,) = resolve_settings(flags, config_file, "bench")

    load_backend()
    from mtkit.table import aligned
    from mtkit.training.bench import bench as run

    report = run(checkpoint, settings, TerminalReporter())
    if settings.json:
        click.echo(json.dumps(dataclasses.asdict(report)))
        return
    click.echo(aligned(rows(report)), nl=False)


def rows(report: "BenchReport") -> list[tuple[str, str]]:
    """The lines of the table: what, and how much."""
    step = report.step_seconds
    table = [
        (
            "model",
            f"{report.preset}, {report.weights:,} weights, {'trained' if report.trained else 'untrained'}",
        ),
        *(
            (f"matrix product, {name}", f"{rate / 1e9:,.0f} GFLOP/s")
            for name, rate in report.gemm_flops.items()
        ),
        (f"training, {report.precision}", f"{report.training_tokens:,.0f} target tokens/s"),
        ("  a step", f"{step['median']:.3f} s ({step['shortest']:.3f} to {step['longest']:.3f})"),
        (
            "  arithmetic",
            f"{report.training_flops / 1e9:,.0f} GFLOP/s, {report.gemm_share:.0%} of the matrix product's",
        ),
        ("  waiting for batches", f"{report.input_wait_share:.2%} of the time"),
    ]
    for name, rate in report.sentences.items():
        table.append(
            (f"translating, {name}", f"{rate:,.0f} sentences/s, {report.output_tokens[name]:,.0f} tokens/s")
        )
    table += [(f"peak memory, {name}", f"{size / 1e6:,.0f} MB") for name, size in report.peak_bytes.items()]
    return table

"""Where a trained model lies, and what was exported of it: what every kind of engine is opened from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint, remade_by
from mtkit.data.tokenizers import Tokenizers
from mtkit.machine import available_threads
from mtkit.reporter import Reporter

# The stage of `mtkit export` without --to.
EXPORT = "export"
# Noted by an export whose int8 is right on every processor.
INT8_FITS = "int8_fits"


@dataclass(frozen=True)
class ModelSource:
    """A trained model in a checkpoint directory, and how it is to be run.

    Attributes:
        weights: their name: best, last, average or a step number.
        precision: auto, float32 or int8.
        threads: of the processor; 0 all.
        reporter: warned of what is damaged and passed over.
    """

    checkpoint: Checkpoint
    tokenizers: Tokenizers
    weights: str = "best"
    precision: str = "auto"
    threads: int = 0
    reporter: Reporter = field(default_factory=Reporter)

    @property
    def arithmetic(self) -> str:
        """The precision of an exported model: float32 unless int8 is asked for."""
        return "float32" if self.precision == "auto" else self.precision

    @property
    def parallel(self) -> int:
        """How many searches may run at the same time."""
        return self.threads or available_threads()

    def exported(self, stage: str) -> dict[str, Any] | None:
        """See `exported`."""
        return exported(self.checkpoint, self.weights, stage)

    def check_int8(self, stage: str, report: Mapping[str, Any]) -> None:
        """Warn of int8 by an export that made its products too large for some processors.

        Those without VNNI instructions cut them off.

        Args:
            report: of the stage, as `exported` gives it.
        """
        if self.arithmetic == "int8" and INT8_FITS not in report:
            self.reporter.warn(
                f"int8 in {self.checkpoint.directory} is by an older mtkit, and wrong on processors without"
                f" VNNI; run 'mtkit {remade_by(stage)}' again"
            )


def exported(checkpoint: Checkpoint, weights: str, stage: str | None = EXPORT) -> dict[str, Any] | None:
    """The report of `mtkit export`, if what it wrote are the weights with this name.

    Args:
        stage: see `EngineKind`; nothing is exported for an engine without one.
    """
    stages = checkpoint.manifest()["stages"]
    if stage not in stages:
        return None
    report = stages[stage]["report"]
    if checkpoint.weights.exists():
        is_theirs = report["sha256"] and checksum(checkpoint.weights_files(weights)[0]) == report["sha256"]
        return report if is_theirs else None
    # A directory made small, to translate with.
    newest = stages[EXPORT]["report"] if EXPORT in stages else report
    is_theirs = report["weights"] == weights and report["sha256"] == newest["sha256"]
    return report if is_theirs else None


def weights_checksum(checkpoint: Checkpoint, weights: str, stage: str | None) -> str | None:
    """What tells the weights of a model from others with the same name.

    Args:
        stage: see `exported`.
    """
    report = exported(checkpoint, weights, stage)
    return report["sha256"] if report else checksum(checkpoint.weights_files(weights)[0])

"""The log of a training, training/log.jsonl: an object a validation. No Keras is needed to read it."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.reporter import Reporter
from mtkit.writing import atomic_file


@dataclass(frozen=True)
class Validation:
    """What a validation found, and the training since the one before. What an older log lacks is None.

    Attributes:
        step: updates made.
        epoch: passes over the training text.
        seconds: of the whole training so far.
        train_loss: nats a target token, label smoothing left out; None where no step was made.
        target_tokens_per_second: trained on, padding left out.
        input_wait_share: of the time in which training waited for batches.
        learning_rate: of the last step.
        skipped_steps: all so far whose gradient made no sense.
        valid_loss: of the validation text, nats a target token.
        valid_perplexity: its exponential.
        bleu, chrf: of the greedy translation of the validation text.
        best: whether these are the best weights so far.
    """

    step: int
    epoch: float | None = None
    seconds: float | None = None
    train_loss: float | None = None
    target_tokens_per_second: float | None = None
    input_wait_share: float | None = None
    learning_rate: float | None = None
    skipped_steps: int | None = None
    valid_loss: float | None = None
    valid_perplexity: float | None = None
    bleu: float | None = None
    chrf: float | None = None
    best: bool | None = None


def log_file(checkpoint: Checkpoint) -> Path:
    """Where the log of a checkpoint directory is."""
    return checkpoint.training / "log.jsonl"


def read_log(checkpoint: Checkpoint, reporter: Reporter | None = None) -> list[Validation]:
    """The validations of a training, the first one first; none where there is no log, or a damaged one.

    Args:
        reporter: warned of a damaged one.
    """
    path = log_file(checkpoint)
    try:
        return [_validation(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        if reporter:
            reporter.warn(f"{path} is damaged; a new log is begun")
        return []


def write_log(checkpoint: Checkpoint, validations: Sequence[Validation]) -> None:
    """Write the log anew, at once."""
    text = "".join(json.dumps(dataclasses.asdict(validation)) + "\n" for validation in validations)
    with atomic_file(log_file(checkpoint)) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _validation(line: str) -> Validation:
    """The validation of a line; ValueError where it is none. What a newer mtkit adds is left out."""
    values = json.loads(line)
    if not isinstance(values, dict) or not isinstance(values.get("step"), int):
        raise ValueError(line)
    known = {field.name: values.get(field.name) for field in dataclasses.fields(Validation)}
    if not all(isinstance(value, (int, float, type(None))) for value in known.values()):
        raise ValueError(line)
    return Validation(**known)

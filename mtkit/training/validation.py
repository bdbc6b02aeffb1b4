"""A validation: score the averaged weights on the validation text, keep them, write the log."""

import json
import math
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np

from mtkit.arrays import load_arrays, save_arrays
from mtkit.data.batching import Batches
from mtkit.model.weights import model_arrays
from mtkit.scoring.metrics import bleu, chrf
from mtkit.training.progress import Window, perplexity, show_validation
from mtkit.training.run import Run
from mtkit.training.state import Progress, after_validation
from mtkit.translating.lines import translate_lines
from mtkit.writing import atomic_file

VALIDATION_BATCH_TOKENS = 4096
# What a row of the log must hold to be shown.
LOGGED = ("epoch", "valid_loss", "valid_perplexity", "bleu", "chrf", "learning_rate", "seconds", "best")


def validate(run: Run, progress: Progress, log: list[dict], window: Window, rate: float) -> Progress:
    """Translate and score the validation text with the averaged weights, save them, add a row to the log.

    Args:
        log: the rows so far; the new one is appended.
        window: the training since the last validation.
        rate: the learning rate, for the log.
    """
    run.step.swap_averages()
    try:
        loss = validation_loss(run)
        hypotheses = [translation.text for translation in translate_lines(run.translator, run.sources)]
        scores = {
            "bleu": bleu(hypotheses, run.references),
            "chrf": chrf(hypotheses, run.references),
            "loss": -loss,
        }
        before = progress
        score = scores[run.settings.best_metric]
        progress = after_validation(
            progress, score if math.isfinite(loss) else -math.inf, run.settings.plateau_patience
        )
        best = progress.best_step == progress.step and progress.best_score != before.best_score
        save_weights(run, progress.step, best)
    finally:
        run.step.swap_averages()
    entry: dict[str, float | None] = {
        "step": progress.step,
        "epoch": round(progress.step / run.steps_per_epoch, 3),
        "seconds": round(progress.seconds, 1),
        "train_loss": window.loss if window.steps else None,
        "target_tokens_per_second": round(window.tokens / window.seconds, 1),
        "input_wait_share": round(window.waited / window.seconds, 5),
        "learning_rate": rate,
        "skipped_steps": progress.skipped,
        "valid_loss": loss,
        "valid_perplexity": perplexity(loss),
        "bleu": scores["bleu"],
        "chrf": scores["chrf"],
        "best": best,
    }
    log.append(entry)
    with atomic_file(run.checkpoint.training / "log.jsonl") as temporary:
        temporary.write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    if run.settings.tensorboard and keras.backend.backend() == "tensorflow":
        from mtkit.training.tensorboard import write_scalars

        numbers = {
            name: value for name, value in entry.items() if name not in ("step", "best") and value is not None
        }
        write_scalars(run.checkpoint.training, entry["step"], numbers)
    shown = list(zip(run.sources, run.references, hypotheses, strict=True))[: run.settings.examples]
    show_validation(run.reporter, log, shown)
    return progress


def validation_loss(run: Run) -> float:
    """Negative log-likelihood of the whole validation text, in nats a target token."""
    batches = Batches(run.valid, VALIDATION_BATCH_TOKENS, 0)
    with ThreadPoolExecutor(run.parallel) as pool:
        sums = list(pool.map(run.step.evaluate, map(batches.batch, range(batches.per_epoch))))
    return sum(negative for negative, _ in sums) / sum(tokens for _, tokens in sums)


def save_weights(run: Run, step: int, best: bool) -> None:
    """Write the weights of this step, also as the best if they are, and remove the oldest."""
    arrays = model_arrays(run.model)
    folder = run.checkpoint.weights
    save_arrays(folder / f"step-{step:08d}.safetensors", arrays, {"step": str(step)})
    if best:
        save_arrays(folder / "best.safetensors", arrays, {"step": str(step)})
    for old in sorted(folder.glob("step-*.safetensors"))[: -run.settings.keep_weights]:
        old.unlink()


def save_average(run: Run) -> None:
    """Write the mean of the kept weights of the last validations (Junczys-Dowmunt et al. 2016,
    arXiv:1606.09337, 2.3).
    """
    folder = run.checkpoint.weights
    files = sorted(folder.glob("step-*.safetensors"))
    if not files:
        return
    kept = [load_arrays(file)[0] for file in files]
    mean = {name: np.mean([arrays[name] for arrays in kept], axis=0, dtype=np.float32) for name in kept[0]}
    save_arrays(
        folder / "average.safetensors",
        mean,
        {"steps": ", ".join(file.stem.removeprefix("step-") for file in files)},
    )


def read_log(run: Run, progress: Progress) -> list[dict]:
    """The validations up to here; later ones were undone by a kill and will be made again."""
    path = run.checkpoint.training / "log.jsonl"
    if not path.exists():
        return []
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [{**dict.fromkeys(LOGGED, math.nan), **row} for row in rows if row["step"] <= progress.step]
    except (ValueError, KeyError, TypeError):
        run.reporter.say(f"warning: {path} is damaged; a new log is begun", style="yellow")
        return []

"""A validation: score the averaged weights on the validation text, keep them, write the log."""

import dataclasses
import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np

from mtkit.arrays import load_arrays, save_arrays
from mtkit.data.batching import Batches
from mtkit.model.weights import model_arrays
from mtkit.scoring.metrics import bleu, chrf
from mtkit.training.display import perplexity, show_example, show_validations
from mtkit.training.log import Validation, write_log
from mtkit.training.progress import Progress, Window, after_validation
from mtkit.training.run import Run

VALIDATION_BATCH_TOKENS = 4096


def validate(run: Run, progress: Progress, log: list[Validation], window: Window, rate: float) -> Progress:
    """Translate and score the validation text with the averaged weights, save them, write the log.

    Args:
        log: the validations so far; the new one is appended.
        window: the training since the last validation.
        rate: the learning rate, for the log.
    """
    best_before = progress.best_score
    run.step.swap_averages()
    try:
        loss = validation_loss(run)
        hypotheses = [translation.text for translation in run.plan.translate(run.text.sources)]
        scores = {
            "bleu": bleu(hypotheses, run.text.references),
            "chrf": chrf(hypotheses, run.text.references),
            "loss": -loss,
        }
        score = scores[run.settings.best_metric] if math.isfinite(loss) else -math.inf
        progress = after_validation(progress, score, run.settings.plateau_patience)
        best = progress.best_step == progress.step and progress.best_score != best_before
        save_weights(run, progress.step, best=best)
    finally:
        run.step.swap_averages()
    validation = logged(
        run,
        progress,
        window,
        learning_rate=rate,
        valid_loss=loss,
        valid_perplexity=perplexity(loss),
        bleu=scores["bleu"],
        chrf=scores["chrf"],
        best=best,
    )
    log.append(validation)
    write_log(run.checkpoint, log)
    write_tensorboard(run, validation)
    show_validations(run.reporter, log)
    examples = zip(run.text.sources, run.text.references, hypotheses, strict=True)
    for source, reference, hypothesis in itertools.islice(examples, run.settings.examples):
        show_example(run.reporter, source, reference, hypothesis)
    return progress


def logged(run: Run, progress: Progress, window: Window, **figures: float | bool) -> Validation:
    """What the log says of the training since the last validation, with the figures of this one."""
    return Validation(
        step=progress.step,
        epoch=round(progress.step / run.text.steps_per_epoch, 3),
        seconds=round(progress.seconds, 1),
        train_loss=window.loss if window.steps else None,
        target_tokens_per_second=round(window.tokens / window.seconds, 1),
        input_wait_share=round(window.waited / window.seconds, 5),
        skipped_steps=progress.skipped,
        **figures,
    )


def write_tensorboard(run: Run, validation: Validation) -> None:
    """Add the numbers of a validation to the events for TensorBoard, where these are wanted."""
    if not run.settings.tensorboard or keras.backend.backend() != "tensorflow":
        return
    from mtkit.training.tensorboard import write_scalars

    fields = dataclasses.asdict(validation)
    step = fields.pop("step")
    fields.pop("best")
    numbers = {name: value for name, value in fields.items() if value is not None}
    write_scalars(run.checkpoint.training, step, numbers)


def validation_loss(run: Run) -> float:
    """Negative log-likelihood of the whole validation text, in nats a target token."""
    context = run.text.context and dataclasses.replace(run.text.context, drawn=False)
    batches = Batches(run.text.valid, VALIDATION_BATCH_TOKENS, 0, context=context)
    with ThreadPoolExecutor(run.parallel) as pool:
        sums = list(pool.map(run.step.evaluate, map(batches.batch, range(batches.per_epoch))))
    return sum(negative for negative, _ in sums) / sum(tokens for _, tokens in sums)


def save_weights(run: Run, step: int, *, best: bool) -> None:
    """Write the weights of this step, also as the best if they are, and remove the oldest."""
    arrays = model_arrays(run.model)
    folder = run.checkpoint.weights
    save_arrays(folder / f"step-{step:08d}.safetensors", arrays, {"step": str(step)})
    if best:
        save_arrays(folder / "best.safetensors", arrays, {"step": str(step)})
    for old in sorted(folder.glob("step-*.safetensors"))[: -run.settings.keep_weights]:
        old.unlink()


def save_average(run: Run) -> None:
    """Write the mean of the kept weights of the last validations.

    Junczys-Dowmunt et al. 2016, arXiv:1606.09337, section 2.3.
    """
    folder = run.checkpoint.weights
    files = sorted(folder.glob("step-*.safetensors"))
    if not files:
        return
    kept = [load_arrays(file)[0] for file in files]
    mean = {name: np.mean([arrays[name] for arrays in kept], axis=0, dtype=np.float32) for name in kept[0]}
    steps = [file.stem.removeprefix("step-") for file in files]
    save_arrays(folder / "average.safetensors", mean, {"steps": ", ".join(steps)})

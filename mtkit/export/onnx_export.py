"""`mtkit export --to onnx`: for a translator of mtkit that starts at once and needs no TensorFlow."""

from pathlib import Path

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.engines.model_source import EXPORT, INT8_FITS
from mtkit.export.lexicon_learning import learn
from mtkit.export.sample import sample_lines
from mtkit.model.backend import need_tensorflow
from mtkit.model.trained import trained_model
from mtkit.reporter import Reporter
from mtkit.translating.translator import LEXICON
from mtkit.writing import atomic_directory


def export(checkpoint: Checkpoint, weights: str, reporter: Reporter) -> None:
    """Write the functions of the model as ONNX models in float32 and int8, and a lexical table.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        MtkitError: Keras runs on something else than TensorFlow.
    """
    need_tensorflow()
    from mtkit.engines.tensorflow_functions import TensorflowFunctions
    from mtkit.export.onnx_models import converted, write_models

    path = checkpoint.weights_files(weights)[0]
    tokenizers = load_tokenizers(checkpoint)
    lines = sample_lines(checkpoint)
    functions = TensorflowFunctions(trained_model(checkpoint, [path], tokenizers, reporter))
    models = converted(functions)
    with atomic_directory(checkpoint.export) as folder:
        write_models(models, functions, folder, tokenizers, lines)
        write_lexicon(checkpoint, tokenizers, folder, reporter)
        checkpoint.forget_stages(EXPORT)  # what was there before goes now
    report = {"weights": weights, "sha256": checksum(path), INT8_FITS: True}
    checkpoint.record_stage(EXPORT, report, list(checkpoint.export.iterdir()))
    reporter.say(f"exported the {weights} weights to {checkpoint.export}")


def write_lexicon(checkpoint: Checkpoint, tokenizers: Tokenizers, folder: Path, reporter: Reporter) -> None:
    """Learn the lexical table of the training text, where that is still there; raises CheckpointError where
    it is damaged.
    """
    text = checkpoint.data / "train"
    if text.exists():
        checkpoint.verify("prepare", "data/train/")
        learn(TokenCorpus(text), tokenizers.source, tokenizers.target).save(folder / LEXICON)
    else:
        reporter.say(f"{text} is not there: exported without a lexical table (--shortlist)")

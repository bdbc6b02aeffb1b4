"""`mtkit export`: the functions of a model as ONNX models, for a translator that starts at once and needs no TensorFlow; or a model
for another program."""

from collections.abc import Callable
from pathlib import Path

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.decoding.loading import LEXICON, trained_model, weights_files
from mtkit.decoding.translator import load_tokenizers
from mtkit.engines.onnx_functions import ExportedFiles
from mtkit.errors import CheckpointError, MtkitError, SettingsError
from mtkit.model import need_tensorflow
from mtkit.search.lexicon import learn
from mtkit.text.lines import read_text
from mtkit.writing import atomic_directory

# Validation sentences whose activations give the scales of int8.
SAMPLE_LINES = 100


def export_onnx(checkpoint: Checkpoint, weights: str, say: Callable[[str], None]) -> None:
    """Write the models of the weights with a name (see `loading.weights_files`) into the checkpoint directory.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        MtkitError: a package is missing, or Keras runs on something else than TensorFlow.
    """
    need_tensorflow()
    try:
        from mtkit.engines.tensorflow_functions import TensorflowFunctions
        from mtkit.export.onnx_models import activations, converted, output_arrays, write
        from mtkit.export.quantize import quantized
    except ModuleNotFoundError as error:
        raise MtkitError(f"an export needs the package {error.name}: pip install {error.name}") from None
    path = weights_files(checkpoint, weights)[0]
    tokenizers = load_tokenizers(checkpoint)
    sample = sample_lines(checkpoint.data / "valid" / "source.txt")
    model = trained_model(checkpoint, [path], tokenizers, say)
    functions = TensorflowFunctions(model)
    models = converted(functions)
    with atomic_directory(checkpoint.export) as folder:
        plain, small = (ExportedFiles.in_folder(folder, precision) for precision in ("float32", "int8"))
        write(models, output_arrays(functions, "float32"), plain)
        seen = activations(plain, tokenizers, sample)
        whole = [quantized(model, largest) for model, largest in zip(models, seen, strict=True)]
        write(whole, output_arrays(functions, "int8"), small)
        text = checkpoint.data / "train"
        if text.exists():
            learn(TokenCorpus(text), tokenizers.source, tokenizers.target).save(folder / LEXICON)
        else:
            say(f"{text} is not there: exported without a lexical table (--shortlist)")
        checkpoint.forget_stages("export")  # what was there before goes now
    report = {"weights": weights, "sha256": checksum(path)}
    checkpoint.record_stage("export", report, list(checkpoint.export.iterdir()))
    say(f"exported the {weights} weights to {checkpoint.export}")


def export_ctranslate2(checkpoint: Checkpoint, weights: str, say: Callable[[str], None]) -> None:
    """Write the weights with a name as models of CTranslate2, in float32 and int8.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that is no Transformer.
        MtkitError: a package is missing.
    """
    try:
        from mtkit.export.ctranslate2_model import PRECISIONS, write
    except ModuleNotFoundError:
        raise MtkitError("--to ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'") from None
    tokenizers = load_tokenizers(checkpoint)
    model = trained_model(checkpoint, [weights_files(checkpoint, weights)[0]], tokenizers, say)
    if model.settings.model != "transformer":
        raise SettingsError(f"CTranslate2 runs Transformers only, and this is --model {model.settings.model}")
    with atomic_directory(checkpoint.ctranslate2) as folder:
        for precision in PRECISIONS:
            write(model, tokenizers, checkpoint.vocab, folder / precision, precision)
    say(f"exported the {weights} weights to {', '.join(str(checkpoint.ctranslate2 / precision) for precision in PRECISIONS)}")


def sample_lines(path: Path) -> list[str]:
    """Validation sentences to choose the scales of int8 by."""
    lines = [line for line in read_text(path) if line.strip()][:SAMPLE_LINES] if path.exists() else []
    if not lines:
        raise CheckpointError(f"an export needs the validation text, and {path} holds none; copy the checkpoint directory again")
    return lines

"""What `mtkit export` wrote as an engine, by ONNX Runtime."""

from mtkit.engines.engine_kind import ATTENTION, ENSEMBLE, INT8, SCORES, STEPS, EngineKind
from mtkit.engines.model_source import EXPORT, ModelSource
from mtkit.engines.onnx_functions import ExportedFiles, OnnxFunctions
from mtkit.errors import CheckpointError


def open_engine(source: ModelSource, *, is_needed: bool) -> OnnxFunctions | None:
    """The functions of an exported model; None where these weights were not exported, or are damaged.

    Raises:
        CheckpointError: that, where it is needed.
    """
    checkpoint = source.checkpoint
    report = source.exported(EXPORT)
    if not report:
        if is_needed:
            raise CheckpointError(
                f"{checkpoint.directory} holds no export of its {source.weights} weights; run 'mtkit export'"
            )
        return None
    files = ExportedFiles.in_folder(checkpoint.export, source.arithmetic)
    try:
        for file in (*files.models, files.output):
            checkpoint.verify(EXPORT, file.relative_to(checkpoint.directory).as_posix())
        source.check_int8(EXPORT, report)
        return OnnxFunctions(files, source.tokenizers.target.size)
    except CheckpointError as error:
        if is_needed:
            raise
        source.reporter.warn(f"{error}; using the weights themselves instead")
        return None


ONNX = EngineKind(
    name="onnx",
    title="ONNX Runtime",
    abilities=frozenset({STEPS, SCORES, ATTENTION, INT8, ENSEMBLE}),
    open=open_engine,
    stage=EXPORT,
    package="onnxruntime",
)

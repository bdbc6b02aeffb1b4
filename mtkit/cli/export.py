"""`mtkit export`."""

from mtkit.checkpoint import Checkpoint, locked
from mtkit.cli.options import resolve_settings, settings_command


@settings_command("export")
def export(checkpoint_dir, config_file, **flags):
    """Write the trained model under export/ as ONNX, in float32 and int8.

    'mtkit translate' and 'mtkit score' then start at once and need no TensorFlow. Training does this at its
    end; do it for other weights, or after a training that was stopped. How long the lines may be that this
    model translates well is measured then, with the validation text, and heeded by both.

    With --to ctranslate2, under ctranslate2/float32 and ctranslate2/int8: folders that ctranslate2.Translator
    loads, with the sentencepiece models beside it; 'mtkit translate' runs them too, where they are faster.

    With --to argos, under argos/: an .argosmodel that Argos Translate installs.
    """
    checkpoint = Checkpoint(checkpoint_dir)
    checkpoint.require_stage("train")
    (settings,) = resolve_settings(flags, config_file, "export")

    from mtkit.export import targets
    from mtkit.reporter import TerminalReporter
    from mtkit.training.reach import record_reach

    with locked(checkpoint), TerminalReporter() as reporter:
        targets.export(checkpoint, settings.to, settings.weights, reporter)
        record_reach(checkpoint, settings.weights, reporter)

"""What was exported: the same translations as the model's own, and used only for the very weights that it is
of.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from mtkit.engines.onnx_functions import ExportedFiles, OnnxFunctions, session
from mtkit.engines.step_engine import EngineStep, StepEngine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import CheckpointError
from mtkit.export.onnx_models import converted, output_arrays, write
from mtkit.model.build import build_model, fill_in
from mtkit.settings.search import Search
from mtkit.settings.train import ModelSettings
from mtkit.text.lines import read_text
from mtkit.translating.loading import load
from tests.support.processes import ROOT, other_weights

V = 20
SHAPES = [
    {"cell": "gru", "attention": "general", "encoder_layers": 3, "decoder_layers": 3},
    {"attention": "none", "input_feeding": False},
    {"model": "transformer", "encoder_layers": 2, "decoder_layers": 2},
    pytest.param(
        {"model": "transformer", "norm": "post", "positions": "learned", "activation": "gelu"},
        marks=pytest.mark.slow,
    ),
    pytest.param(
        {"model": "transformer", "activation": "swiglu", "alignment_head": 2}, marks=pytest.mark.slow
    ),
    {"model": "transformer", "positions": "rotary"},
    {"model": "transformer", "positions": "relative"},
    {"model": "transformer", "positions": "alibi"},
    pytest.param({"coverage": True, "layer_norm": True}, marks=pytest.mark.slow),
    pytest.param(
        {"cell": "gru", "attention": "concat", "layer_norm": True, "scale_attention": True},
        marks=pytest.mark.slow,
    ),
    pytest.param({"attention": "dot", "decoder_layers": 2, "tie_embeddings": "none"}, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_both_engines_take_the_same_steps(shape, tmp_path):
    widths = {"heads": 2} if shape.get("model") == "transformer" else {"encoder_width": 8, "decoder_width": 8}
    settings = fill_in(ModelSettings(preset="tiny", embedding_width=8, **widths, **shape), True)
    keras = TensorflowFunctions(build_model(settings, V, V, seed=5))
    files = ExportedFiles.in_folder(tmp_path, "float32")
    write(converted(keras), output_arrays(keras, "float32"), files)
    random = np.random.default_rng(1)
    source = random.integers(4, V, (3, 6)).astype(np.int32)
    source[1, 4:] = 0
    states = {}
    functions = {"keras": keras, "onnx": OnnxFunctions(files, V)}
    for name, one in functions.items():
        step, state = EngineStep(StepEngine(one), 7), StepEngine(one).start(source)
        rows, tokens = np.arange(3, dtype=np.int32), np.full(3, 2, np.int32)
        for parents, following in (
            ([0, 0, 1, 2], [5, 6, 7, 8]),
            ([0, 1, 3, 3], [9, 4, 4, 5]),
            ([0, 2], [6, 6]),
        ):
            expansion = step(state, tokens, rows, None)
            states.setdefault(name, []).append(expansion)
            state, rows, tokens = expansion.state, np.array(parents, np.int32), np.array(following, np.int32)
    for ours, theirs in zip(*states.values(), strict=True):
        np.testing.assert_allclose(theirs.scores, ours.scores, atol=1e-5)
        np.testing.assert_array_equal(theirs.ids, ours.ids)
        assert (ours.attention is None) == (theirs.attention is None) == (shape.get("attention") == "none")
        if ours.attention is not None:
            np.testing.assert_allclose(theirs.attention, ours.attention, atol=1e-5)


@pytest.fixture
def exported(trained):
    """A checkpoint directory whose training exported its best weights."""
    assert (trained / "checkpoint" / "export").exists()
    return trained / "checkpoint"


def translations(directory, beam=5, **settings):
    lines = read_text(directory / "data" / "test" / "source.txt")
    return load(directory, **settings).translate(lines, Search(beam=beam, max_length_factor=0.5))


@pytest.mark.parametrize("beam", [1, 4])
def test_float32_translates_as_the_model_does(exported, beam):
    ours = translations(exported, engine="keras", beam=beam)
    theirs = translations(exported, engine="onnx", precision="float32", beam=beam)
    assert [one.text for one in theirs] == [one.text for one in ours]
    np.testing.assert_allclose([one.score for one in theirs], [one.score for one in ours], atol=1e-4)


def test_int8_does_not_depend_on_the_batch(exported):
    one, other = (
        translations(exported, engine="onnx", precision="int8", batch_tokens=32 * size) for size in (1, 64)
    )
    assert [translation.text for translation in one] == [translation.text for translation in other]
    np.testing.assert_allclose([a.score for a in one], [b.score for b in other], atol=1e-4)


def test_int8_is_near_float32(exported):
    """In the log-probability of given translations, token by token."""
    lines, references = (
        read_text(exported / "data" / "test" / f"{side}.txt") for side in ("source", "target")
    )
    found = {}
    for precision in ("float32", "int8"):
        results = load(exported, engine="onnx", precision=precision).judge(lines, references)
        found[precision] = np.concatenate(
            [result.best.hypothesis.token_log_probabilities for result in results]
        )
    differences = np.abs(found["int8"] - found["float32"])
    assert 0.0 < differences.mean() < 0.02 and differences.max() < 0.2


def test_translating_needs_no_tensorflow(exported, tmp_path):
    program = f"""
import sys
sys.modules.update(dict.fromkeys(("tensorflow", "keras"), None))
from mtkit.cli.main import main
main(["translate", "-C", {str(exported)!r}])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="a dog\n\nthe cat\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 3), done.stderr
    program = program.replace("translate", "export")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    words = "the package keras is not installed here, and this command needs it: pip install keras"
    assert (done.returncode, done.stderr) == (1, f"mtkit: {words}\n")


def test_translating_needs_no_more_than_the_docs_say(exported, tmp_path):
    """All other packages that mtkit names are not there."""
    text = (ROOT / "docs/translate.md").read_text(encoding="utf-8")
    enough = re.search(r"pip install (click numpy .+)", text)[1].replace("-", "_").split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.match(r"[\w-]+", one)[0].replace("-", "_") for one in project["dependencies"]}
    missing = {"keras", "markdown_it", *named} - {*enough}
    program = f"""
import sys
sys.modules.update(dict.fromkeys({sorted(missing)!r}))
from mtkit.cli.main import main
main(["translate", "-C", {str(exported)!r}])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input="a dog\n", capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr


def test_only_the_weights_that_were_exported(exported, tmp_path, mtkit):
    shutil.copytree(exported, "copy")
    other = other_weights(exported)
    code, _, err = mtkit(
        "score", "-C", "copy", "--engine", "onnx", "--weights", other, "--bootstrap-samples", 0
    )
    assert (code, f"copy holds no export of its {other} weights; run 'mtkit export'" in err) == (1, True)
    shutil.rmtree("copy/weights")
    code, _, err = mtkit("score", "-C", "copy", "--bootstrap-samples", 0)
    assert code == 0, err
    code, _, err = mtkit("score", "-C", "copy", "--weights", "last", "--bootstrap-samples", 0)
    assert (code, "no weights 'last' in" in err) == (1, True)


def test_a_damaged_export_is_passed_over(exported, tmp_path, mtkit):
    shutil.copytree(exported, "copy")
    file = Path("copy/export/step-float32.onnx")
    file.write_bytes(file.read_bytes()[:-1])
    code, _, err = mtkit("score", "-C", "copy", "--bootstrap-samples", 0)
    assert (code, "step-float32.onnx is damaged" in err, "using the weights themselves instead" in err) == (
        0,
        True,
        True,
    ), err
    code, _, err = mtkit("score", "-C", "copy", "--engine", "onnx", "--bootstrap-samples", 0)
    assert (code, "step-float32.onnx is damaged" in err) == (1, True)


def test_other_weights_by_command(exported, tmp_path, mtkit):
    shutil.copytree(exported, "copy")
    other = other_weights(exported)
    code, out, err = mtkit("export", "-C", "copy", "--weights", other)
    assert (code, out) == (0, "") and err.startswith(f"exported the {other} weights to copy/export\n")
    assert err.endswith("lines of several sentences are translated sentence by sentence\n")
    code, _, err = mtkit(
        "score", "-C", "copy", "--engine", "onnx", "--weights", other, "--bootstrap-samples", 0
    )
    assert code == 0, err
    code, _, err = mtkit("score", "-C", "copy", "--engine", "onnx", "--bootstrap-samples", 0)
    assert (code, "copy holds no export of its best weights" in err) == (1, True)
    code, _, err = mtkit("export", "-C", "copy", "--weights", "worst")
    assert (code, "no weights 'worst' in" in err) == (1, True)


def test_int8_needs_the_export(exported, mtkit):
    code, _, err = mtkit("score", "-C", exported, "--engine", "keras", "--precision", "int8")
    assert (code, "--engine keras computes in float32" in err) == (2, True)


def test_a_package_that_is_missing_is_named(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    program = (
        "import sys; sys.modules['tf2onnx'] = None; from mtkit.cli.main import main; main(['export', '-C',"
        " 'copy'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (
        1,
        "mtkit: an export needs the package tf2onnx: pip install tf2onnx\n",
    )


def test_a_failed_export_leaves_the_one_before(exported, tmp_path, mtkit):
    shutil.copytree(exported, "copy")
    before = {path.name: path.read_bytes() for path in Path("copy/export").iterdir()}
    shutil.rmtree("copy/data/valid")
    code, _, err = mtkit("export", "-C", "copy")
    assert (code, "an export needs the validation text" in err) == (1, True)
    shutil.copytree(exported / "data" / "valid", "copy/data/valid")
    best = Path("copy/weights/best.safetensors")
    best.write_bytes(best.read_bytes()[:-1] + b"?")
    code, _, err = mtkit("export", "-C", "copy")
    assert (code, "best.safetensors is damaged" in err) == (1, True)
    assert before == {path.name: path.read_bytes() for path in Path("copy/export").iterdir()}
    code, _, err = mtkit("score", "-C", "copy", "--engine", "onnx", "--bootstrap-samples", 0)
    assert code == 0, err


def test_a_model_that_is_none_is_not_printed():
    with pytest.raises(CheckpointError, match="an ONNX model cannot be loaded") as caught:
        session(b"\x00\xff" * 50)
    assert "xff" not in str(caught.value)

"""A package of Argos Translate: what is in it, and that the real Argos Translate installs it and translates
with it.
"""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import ctranslate2
import pytest
import sentencepiece

from mtkit.checkpoint import Checkpoint
from mtkit.export.argos_package import language_name
from tests.support.processes import some_lines

DRIVER = Path(__file__).parent / "argos_driver.py"
ARGOS = os.environ.get("MTKIT_ARGOS_PYTHON")
# What Argos Translate 1.11 asks of CTranslate2.
SEARCH = {
    "beam_size": 4,
    "length_penalty": 0.2,
    "replace_unknowns": True,
    "max_batch_size": 32,
    "batch_type": "tokens",
}


@pytest.fixture
def package(transformer, mtkit):
    """The package of a Transformer trained for a few steps."""
    shutil.copytree(transformer, "checkpoint")
    code, out, err = mtkit("export", "--to", "argos")
    path = "checkpoint/argos/translate-en_fr-1_0.argosmodel"
    assert (code, out, err) == (0, "", f"exported the best weights to {path}\n")
    return Path(path)


def test_what_is_in_a_package(package, mtkit):
    assert [path.name for path in package.parent.iterdir()] == [package.name]
    with zipfile.ZipFile(package) as inside:
        inside.extractall("there")
    (folder,) = Path("there").iterdir()
    assert folder.name == "translate-en_fr-1_0"
    assert json.loads((folder / "metadata.json").read_text()) == {
        "package_version": "1.0",
        "argos_version": "1.0",
        "from_code": "en",
        "from_name": "English",
        "to_code": "fr",
        "to_name": "French",
    }
    assert (folder / "README.md").read_text().startswith("# English to French\n")
    assert (folder / "sentencepiece.model").read_bytes() == Path("checkpoint/vocab/joint.spm").read_bytes()
    model = ctranslate2.Translator(str(folder / "model"))
    assert model.translate_batch([["▁A", "▁dog"]], max_decoding_length=5)[0].hypotheses
    Checkpoint(Path("checkpoint")).discard_training()
    assert not package.parent.exists()


def test_a_recurrent_model_is_refused(trained, mtkit):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    refused = mtkit("export", "--to", "argos")
    assert refused == (2, "", "mtkit: CTranslate2 runs Transformers only, and this is --model rnn\n")


@pytest.mark.parametrize(
    ("code", "name"),
    [("de", "German"), ("pt_BR", "Portuguese (Brazil)"), ("zh-Hans", "Chinese (Simplified)"), ("qqq", "qqq")],
)
def test_names_of_languages(code, name):
    assert language_name(code) == name


@pytest.mark.slow
@pytest.mark.skipif(not ARGOS, reason="runs with scripts/argos.sh, which installs Argos Translate")
def test_argos_translate_translates_with_it(package, tmp_path):
    lines = some_lines("valid.en", 10)
    done = subprocess.run(
        [ARGOS, DRIVER, package, "en", "fr"],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ARGOS_PACKAGES_DIR": str(tmp_path / "packages"), "ARGOS_COMPUTE_TYPE": "int8"},
    )
    assert done.returncode == 0, done.stderr
    assert "English → French" in done.stderr
    with zipfile.ZipFile(package) as inside:
        inside.extractall("there")
    (folder,) = Path("there").iterdir()
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    model = ctranslate2.Translator(str(folder / "model"), compute_type="int8")
    source = [tokenizer.encode(line, out_type=str) for line in lines.splitlines()]
    expected = [tokenizer.decode(one.hypotheses[0]) for one in model.translate_batch(source, **SEARCH)]
    assert [line.strip() for line in done.stdout.splitlines()] == [line.strip() for line in expected]

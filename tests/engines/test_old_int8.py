"""An export to int8 by an older mtkit, whose products some processors cut off."""

import shutil
from pathlib import Path

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.engines.model_source import EXPORT, INT8_FITS


@pytest.mark.parametrize(("precision", "warnings"), [("int8", 1), ("float32", 0)])
def test_it_is_named_where_int8_is_asked_for(trained, mtkit, precision, warnings):
    checkpoint = Checkpoint(Path(shutil.copytree(trained / "checkpoint", "checkpoint")))
    report = checkpoint.require_stage(EXPORT)
    assert report.pop(INT8_FITS)
    checkpoint.record_stage(EXPORT, report, list(checkpoint.export.iterdir()))
    Path("text").write_text("A dog.\n", encoding="utf-8")
    code, out, err = mtkit("translate", "text", "--precision", precision, "--max-length", 5)
    assert (code, out.count("\n")) == (0, 1)
    assert " ".join(err.split()).count("run 'mtkit export' again") == warnings, err

"""A settings file in the working directory must not slip its text in unseen."""

import pytest

from mtkit.cli.main import main


def test_mixed_origins_are_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "theirs"):
        for language in ("en", "fr"):
            (tmp_path / f"{name}.{language}").write_text(
                "".join(f"{name} {language} {number}\n" for number in range(40))
            )
    (tmp_path / "mtkit.toml").write_text(
        '[prepare]\nvalid = "theirs"\nsource_language = "en"\ntarget_language = "fr"\n'
    )
    with pytest.raises(SystemExit) as leaving:
        main(["prepare", "--train", "mine"])
    assert leaving.value.code == 0
    assert "valid (theirs) from the settings file" in capsys.readouterr().err

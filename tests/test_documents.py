"""What the documents say of themselves: their links, and the settings file that they show."""

import re
from pathlib import Path

import pytest

from mtkit.settings import TABLES, read_settings_file, resolve

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "data/README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    """To a file of the checkout, and to a heading in it."""
    text = re.sub(r"`[^`\n]*`", "", document.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith("http"):
            name, _, heading = link.partition("#")
            path = document.parent / name if name else document
            assert path.exists(), link
            assert not heading or heading in anchors(path), link


def anchors(path):
    """The names that renderers give to the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_the_settings_file_of_the_documents(tmp_path):
    """docs/settings.md: the example is a settings file that every command takes, and every table is named."""
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    block = text.split("underscores:")[1].split("The tables are")[0]
    (tmp_path / "mtkit.toml").write_text(re.sub(r"^    ", "", block, flags=re.MULTILINE), encoding="utf-8")
    tables = read_settings_file(tmp_path / "mtkit.toml")
    found = {name: resolve(name, content) for name, content in tables.items()}
    assert found["prepare"].train == ("memory.tmx weight=3", "web.tsv tag=web")
    assert (found["prepare"].byte_fallback, found["train"].budget, found["translate"].beam) == (
        False,
        "30m",
        8,
    )
    assert all(f"`[{name}]`" in text for name in TABLES)

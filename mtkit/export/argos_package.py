"""A package of Argos Translate (https://github.com/argosopentech/argos-translate).

LibreTranslate serves it too. A package is a zip of one folder: metadata.json, README.md, the sentencepiece
model, and under model/ the model of CTranslate2.
"""

import json
import zipfile
from pathlib import Path

from babel import Locale, UnknownLocaleError

# Of the package, by which a later one can be told from it; and the oldest Argos Translate that reads it.
PACKAGE_VERSION, ARGOS_VERSION = "1.0", "1.0"
README = """# {source} to {target}

Translates from {source} to {target}. Trained with mtkit.
"""


def package_name(source: str, target: str) -> str:
    """What Argos Translate calls a package of a pair of language codes."""
    version = PACKAGE_VERSION.replace(".", "_")
    return f"translate-{source}_{target}-{version}"


def write(file: Path, source: str, target: str, model: Path, tokenizer: Path) -> None:
    """Write a package.

    Args:
        file: to write.
        source, target: language codes.
        model: folder of the model of CTranslate2.
        tokenizer: sentencepiece model of both languages.
    """
    names = {"source": language_name(source), "target": language_name(target)}
    metadata = {
        "package_version": PACKAGE_VERSION,
        "argos_version": ARGOS_VERSION,
        "from_code": source,
        "from_name": names["source"],
        "to_code": target,
        "to_name": names["target"],
    }
    folder = package_name(source, target)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(f"{folder}/metadata.json", json.dumps(metadata, ensure_ascii=False, indent=4) + "\n")
        package.writestr(f"{folder}/README.md", README.format(**names))
        package.write(tokenizer, f"{folder}/sentencepiece.model")
        for file_of_model in sorted(model.iterdir()):
            if file_of_model.suffix != ".spm":
                package.write(file_of_model, f"{folder}/model/{file_of_model.name}")


def language_name(code: str) -> str:
    """The English name of a language code; the code where it has none."""
    try:
        return Locale.parse(code, sep="-" if "-" in code else "_").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code

"""mtkit: train and use your own machine-translation models, on your own machine.

The library under the command line (docs/python.md):

    import mtkit

    mtkit.prepare("checkpoint", train="corpus", valid="1000", source_language="en", target_language="de")
    mtkit.train("checkpoint", budget="30m")
    translator = mtkit.load("checkpoint")
    print(translator.translate("A dog runs.").text)

Importing it is quick: a name is loaded when it is first used.
"""

import importlib

__version__ = "0.1.0"

# The public names, and where each is from; __init__.pyi tells type checkers the same.
_HOMES = {
    "Candidate": "mtkit.translating.translation",
    "CheckpointError": "mtkit.errors",
    "Demands": "mtkit.translating.demands",
    "FilledDocument": "mtkit.translating.documents",
    "Glossary": "mtkit.translating.glossary",
    "InputError": "mtkit.errors",
    "ModelSettings": "mtkit.settings.train",
    "MtkitError": "mtkit.errors",
    "PrepareSettings": "mtkit.settings.prepare",
    "Protection": "mtkit.translating.protect",
    "Replacement": "mtkit.translating.unknown",
    "Reporter": "mtkit.reporter",
    "ScoreSettings": "mtkit.settings.score",
    "Search": "mtkit.settings.search",
    "SettingsError": "mtkit.errors",
    "Term": "mtkit.translating.glossary",
    "TerminalReporter": "mtkit.reporter",
    "TrainSettings": "mtkit.settings.train",
    "Translation": "mtkit.translating.translation",
    "Translator": "mtkit.translating.translator",
    "load": "mtkit.translating.loading",
    "prepare": "mtkit.library",
    "score": "mtkit.library",
    "train": "mtkit.library",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'mtkit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

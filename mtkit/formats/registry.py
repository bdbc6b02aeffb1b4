"""Every format, by the ending of its files: those of mtkit, and those of other people's packages.

Another package adds one by an entry point of the group "mtkit.formats", which is named by the ending without
its dot, and leads to a `Format`. Of a package nothing is loaded until a file with such an ending is named.
"""

import codecs
import re
from importlib import import_module
from pathlib import Path

from mtkit.errors import MtkitError
from mtkit.formats.format import Format

# Where the `Format` of each ending is. A new format is a file, and a line here.
FORMATS = {
    ".tsv": "mtkit.formats.tables:TSV",
    ".tmx": "mtkit.formats.tmx:TMX",
    ".xlf": "mtkit.formats.xliff:XLIFF",
    ".xliff": "mtkit.formats.xliff:XLIFF",
    ".sdlxliff": "mtkit.formats.xliff:XLIFF",
    ".po": "mtkit.formats.gettext:GETTEXT",
    ".csv": "mtkit.formats.tables:CSV",
    ".jsonl": "mtkit.formats.json_lines:JSON_LINES",
    ".json": "mtkit.formats.json_messages:JSON_MESSAGES",
    ".srt": "mtkit.formats.subtitles:SUBRIP",
    ".vtt": "mtkit.formats.subtitles:WEBVTT",
    ".md": "mtkit.formats.markdown:MARKDOWN",
    ".markdown": "mtkit.formats.markdown:MARKDOWN",
}
# The group of entry points of other packages.
GROUP = "mtkit.formats"

# Endings of what is surely no plain text, and of no format here.
_UNKNOWN = re.compile(
    r"\.(?:pot|mqxliff|mxliff|txml|tbx|strings|stringsdict|xcstrings|resx|properties|yaml|yml|xml|html|htm|xhtml"
    r"|docx|doc|odt|rtf|pptx|ppt|odp|xlsx|xls|ods|pdf|epub|idml|ssa|ass|ttml|dfxp)"
)
# Tsonga and Arabic have the codes ts and arb: what is no plain text in them begins otherwise.
_UNKNOWN_THAT_BEGIN = {".ts": b"<", ".arb": b"{"}


def ending(name: str | Path) -> str:
    """The ending that tells the format, in small letters, without .gz: ".tmx" of "A.TMX.gz"."""
    return Path(str(name).lower().removesuffix(".gz")).suffix


def format_of(file: str | Path) -> Format | None:
    """The format of a file by its ending; None where nobody knows it.

    Raises:
        MtkitError: a package that knows it cannot be loaded; names the package.
    """
    kind = ending(file)
    if kind in FORMATS:
        module, _, name = FORMATS[kind].partition(":")
        return getattr(import_module(module), name)
    return _plugged_in(kind.removeprefix(".")) if kind else None


def _plugged_in(name: str) -> Format | None:
    """The format that another package has for an ending, or None."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP, name=name):
        try:
            plugin = entry.load()
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        else:
            if isinstance(plugin, Format):
                return plugin
            reason = f"{entry.value} is no mtkit.formats.format.Format"
        package = entry.dist.name if entry.dist else entry.value
        raise MtkitError(
            f"the package {package}, which is for .{name} files, does not work with this mtkit ({reason});"
            " update or uninstall it"
        )
    return None


def is_unknown_document(file: Path) -> bool:
    """Whether a file is surely no plain text, though of no format here."""
    kind = ending(file)
    begin = _UNKNOWN_THAT_BEGIN.get(kind)
    if begin and file.is_file():
        with open(file, "rb") as stream:
            return stream.read(100).removeprefix(codecs.BOM_UTF8).lstrip().startswith(begin)
    return _UNKNOWN.fullmatch(kind) is not None

"""The real text of a checkpoint directory as files again: what people translated, for models in both
directions.

Training pairs are decoded from the token store, which loses nothing, with their tags, and as often as they
are stored; those that an improvement before this one made are left out. Validation and test text is copied.
So the files that the directory was prepared from are not needed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.evaluation import CHUNK_PAIRS, EVALUATION_PARTS
from mtkit.data.spool import chunks
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import load_tokenizers
from mtkit.errors import CheckpointError
from mtkit.text.lines import BYTE_ORDER_MARK, open_text, read_lines, read_text
from mtkit.text.special import UNKNOWN_ID
from mtkit.text.tokenizer import Tokenizer
from mtkit.writing import atomic_directory

# What a model knows synthetic pairs by (Caswell et al. 2019, arXiv:1906.06442).
TAG = "back-translation"
FACTS = "real.json"


@dataclass(frozen=True)
class Corpus:
    """A corpus as two files, NAME.source.txt and NAME.target.txt.

    Attributes:
        copies: how often an epoch of the directory has each of its pairs.
        tag: what the model knows it by, or nothing.
    """

    name: str
    pairs: int
    copies: int = 1
    tag: str = ""

    def files(self, folder: Path, swapped: bool) -> str:
        """What `prepare` is given: the two files, those of the target language first if `swapped`."""
        return ",".join(
            str(folder / f"{self.name}.{side}.txt") for side in (SIDES[::-1] if swapped else SIDES)
        )


@dataclass(frozen=True)
class RealText:
    """What people translated.

    Attributes:
        folder: where the files are.
        train: corpora of training pairs; those with the same tag, stored equally often, are one.
        parts: of the evaluation text there is, "valid" and "test".
        lossy: pairs left out because the vocabulary could not spell them.
        synthetic: pairs left out because they have the tag of back-translations.
    """

    folder: Path
    train: list[Corpus]
    parts: list[str]
    lossy: int = 0
    synthetic: int = 0

    @property
    def pairs(self) -> int:
        """How many there are."""
        return sum(one.pairs for one in self.train)

    @property
    def tag(self) -> str:
        """What a model is asked by for the manner of most of it: a tag where every corpus has one, else
        nothing.
        """
        tags = {one.tag for one in self.train}
        return "" if "" in tags else max(self.train, key=lambda one: one.pairs * one.copies).tag

    @property
    def copies(self) -> int:
        """How many an epoch of the directory has."""
        return sum(one.pairs * one.copies for one in self.train)

    def lines(self, side: str, parts: bool = False) -> Iterator[str]:
        """One side of all training pairs, or of the evaluation text."""
        for name in self.parts if parts else [one.name for one in self.train]:
            yield from lines_of(self.folder / f"{name}.{side}.txt")

    def evaluation(self, part: str, swapped: bool) -> tuple[str, ...]:
        """What `prepare` is given for valid or test."""
        return (Corpus(part, 0).files(self.folder, swapped),) if part in self.parts else ()


def real_text(checkpoint: Checkpoint, folder: Path) -> RealText:
    """The real text of a prepared directory, written to a folder unless it is there already.

    Raises:
        CheckpointError: the text is missing or damaged, or none of it can be decoded.
    """
    if not (folder / FACTS).exists():
        checkpoint.verify("prepare")
        with atomic_directory(folder) as temporary:
            _write(checkpoint, temporary)
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return RealText(
        folder, [Corpus(**one) for one in facts["train"]], facts["parts"], facts["lossy"], facts["synthetic"]
    )


def _write(checkpoint: Checkpoint, folder: Path) -> None:
    tokenizers = load_tokenizers(checkpoint)
    groups: dict[tuple[str, int], list[int]] = {}
    lossy = synthetic = 0
    store = TokenCorpus(checkpoint.data / "train")
    for pairs in chunks(_runs(store, tokenizers.source), CHUNK_PAIRS):
        by_group: dict[tuple[str, int], list[tuple[np.ndarray, np.ndarray]]] = {}
        for tag, copies, source, target in pairs:
            if tag == TAG:
                synthetic += copies
                continue
            if UNKNOWN_ID in source or UNKNOWN_ID in target:
                lossy += copies
            else:
                by_group.setdefault((tag, copies), []).append((source, target))
        for key, own in by_group.items():
            number, before = groups.setdefault(key, [len(groups) + 1, 0])
            groups[key][1] = before + len(own)
            for side, tokenizer, ids in zip(
                SIDES, (tokenizers.source, tokenizers.target), zip(*own, strict=True), strict=True
            ):
                write_lines(folder / f"real-{number}.{side}.txt", tokenizer.decode(ids), more=True)
    if not groups:
        raise CheckpointError(
            f"the real training text of {checkpoint.directory} cannot be had back from its tokens: each of"
            f" its {lossy:,} pairs holds what the vocabulary lacks; prepare it again without"
            " --no-byte-fallback"
        )
    parts = [part for part in EVALUATION_PARTS if (checkpoint.data / part / "source.txt").exists()]
    for part in parts:
        for side in SIDES:
            write_lines(folder / f"{part}.{side}.txt", read_text(checkpoint.data / part / f"{side}.txt"))
    train = [
        asdict(Corpus(f"real-{number}", pairs, copies, tag))
        for (tag, copies), (number, pairs) in groups.items()
    ]
    facts = {"train": train, "parts": parts, "lossy": lossy, "synthetic": synthetic}
    (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _runs(store: TokenCorpus, tokenizer: Tokenizer) -> Iterator[tuple[str, int, np.ndarray, np.ndarray]]:
    """(tag, copies, source ids, target ids) of each pair of a store; copies stand side by side there."""
    tags = {token: name for name, token in tokenizer.tags.items()}

    def text(index: int) -> tuple[bytes, bytes]:
        return store.sentence("source", index).tobytes(), store.sentence("target", index).tobytes()

    for _, run in groupby(range(len(store)), key=text):
        first, *others = run
        source = store.sentence("source", first)
        tag = tags.get(int(source[0]), "") if len(source) else ""
        yield tag, 1 + len(others), source, store.sentence("target", first)


def write_lines(path: Path, lines: Iterable[str], more: bool = False) -> None:
    """Write lines, or more of them, such that `text.lines` reads them as they are, a byte order mark or "\\r"
    at an edge too.
    """
    with open(path, "ab" if more else "wb") as file:
        for line in lines:
            raw = line.encode()
            mark = BYTE_ORDER_MARK if raw.startswith(BYTE_ORDER_MARK) and not file.tell() else b""
            file.write(mark + raw + (b"\r\n" if raw.endswith(b"\r") else b"\n"))


def lines_of(path: Path) -> Iterator[str]:
    """The lines that `write_lines` wrote."""
    with open_text(path) as file:
        yield from (line for _, line in read_lines(file, str(path)))

"""The real text of a checkpoint directory as files again: what people translated.

Training pairs are decoded from the token store, which loses nothing, with their tags, and as often as they
are stored; those that an improvement before this one made are left out. Validation and test text is copied.
So the files that the directory was prepared from are not needed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.evaluation import CHUNK_PAIRS, EVALUATION_PARTS
from mtkit.data.spool import chunks
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError
from mtkit.text.lines import BYTE_ORDER_MARK, open_text, read_lines, read_text
from mtkit.text.special import UNKNOWN_ID
from mtkit.text.tokenizer import Tokenizer
from mtkit.writing import atomic_directory

# What a model knows synthetic pairs by (Caswell et al. 2019, arXiv:1906.06442).
TAG = "back-translation"
FACTS = "real.json"


@dataclass(frozen=True)
class PairFiles:
    """Pairs as two files, NAME.source.txt and NAME.target.txt.

    Attributes:
        pairs: how many there are.
        copies: how often an epoch of the directory has each of them.
        tag: what the model knows them by, or nothing.
    """

    name: str
    pairs: int
    copies: int = 1
    tag: str = ""

    def spec(self, folder: Path, *, swapped: bool) -> str:
        """What `prepare` is given: the two files, those of the target language first if `swapped`."""
        sides = SIDES[::-1] if swapped else SIDES
        return ",".join(str(side_file(folder, self.name, side)) for side in sides)


def side_file(folder: Path, name: str, side: str) -> Path:
    """The file of one side of some pairs."""
    return folder / f"{name}.{side}.txt"


@dataclass(frozen=True)
class RealText:
    """What people translated.

    Attributes:
        folder: where the files are.
        train: training pairs; those with the same tag, stored equally often, are together.
        parts: of the evaluation text there is, "valid" and "test".
        lossy: pairs left out because the vocabulary could not spell them.
        synthetic: pairs left out because they have the tag of back-translations.
    """

    folder: Path
    train: list[PairFiles]
    parts: list[str]
    lossy: int = 0
    synthetic: int = 0

    @property
    def pairs(self) -> int:
        """How many training pairs there are."""
        return sum(files.pairs for files in self.train)

    @property
    def copies(self) -> int:
        """How many an epoch of the directory has."""
        return sum(files.pairs * files.copies for files in self.train)

    @property
    def tag(self) -> str:
        """What a model is asked by for the manner of most pairs; nothing where some have no tag."""
        if not all(files.tag for files in self.train):
            return ""
        return max(self.train, key=lambda files: files.pairs * files.copies).tag

    def training_lines(self, side: str) -> Iterator[str]:
        """One side of all training pairs."""
        return self._lines([files.name for files in self.train], side)

    def evaluation_lines(self, side: str) -> Iterator[str]:
        """One side of the evaluation text."""
        return self._lines(self.parts, side)

    def _lines(self, names: list[str], side: str) -> Iterator[str]:
        return chain.from_iterable(lines_of(side_file(self.folder, name, side)) for name in names)

    def evaluation(self, part: str, *, swapped: bool) -> tuple[str, ...]:
        """What `prepare` is given for valid or test."""
        return (PairFiles(part, 0).spec(self.folder, swapped=swapped),) if part in self.parts else ()


def real_text(checkpoint: Checkpoint, folder: Path) -> RealText:
    """The real text of a prepared directory, written to a folder unless it is there already.

    Raises:
        CheckpointError: the text is missing or damaged, or none of it can be decoded.
    """
    if not (folder / FACTS).exists():
        checkpoint.verify("prepare")
        with atomic_directory(folder) as temporary:
            write_real_text(checkpoint, temporary)
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    train = [PairFiles(**files) for files in facts["train"]]
    return RealText(folder, train, facts["parts"], facts["lossy"], facts["synthetic"])


def write_real_text(checkpoint: Checkpoint, folder: Path) -> None:
    """Write the files, and what is told of them."""
    training = TrainingPairs(load_tokenizers(checkpoint), folder)
    training.write(TokenCorpus(checkpoint.data / "train"))
    if not training.files:
        raise CheckpointError(
            f"the real training text of {checkpoint.directory} cannot be had back from its tokens: each of"
            f" its {training.lossy:,} pairs holds what the vocabulary lacks; prepare it again without"
            " --no-byte-fallback"
        )
    parts = [part for part in EVALUATION_PARTS if (checkpoint.data / part / "source.txt").exists()]
    for part in parts:
        for side in SIDES:
            write_lines(side_file(folder, part, side), read_text(checkpoint.data / part / f"{side}.txt"))
    facts = {
        "train": [asdict(files) for files in training.files.values()],
        "parts": parts,
        "lossy": training.lossy,
        "synthetic": training.synthetic,
    }
    (folder / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


class StoredPair(NamedTuple):
    """A pair of a token store.

    Attributes:
        copies: how often it is stored, side by side.
        source, target: its token ids.
    """

    tag: str
    copies: int
    source: np.ndarray
    target: np.ndarray


class TrainingPairs:
    """Decodes the pairs of a store into files, one for each tag and number of copies.

    Attributes:
        files: written so far, by (tag, copies).
        lossy, synthetic: pairs left out so far (see `RealText`).
    """

    def __init__(self, tokenizers: Tokenizers, folder: Path):
        self._tokenizers, self._folder = tokenizers, folder
        self.files: dict[tuple[str, int], PairFiles] = {}
        self.lossy = self.synthetic = 0

    def write(self, store: TokenCorpus) -> None:
        """Write all pairs of a store."""
        for pairs in chunks(stored_pairs(store, self._tokenizers.source), CHUNK_PAIRS):
            groups: dict[tuple[str, int], list[StoredPair]] = {}
            for pair in filter(self._is_wanted, pairs):
                groups.setdefault((pair.tag, pair.copies), []).append(pair)
            for (tag, copies), group in groups.items():
                self._add(tag, copies, group)

    def _is_wanted(self, pair: StoredPair) -> bool:
        """Whether it is real and can be decoded; counts it otherwise."""
        if pair.tag == TAG:
            self.synthetic += pair.copies
            return False
        if UNKNOWN_ID in pair.source or UNKNOWN_ID in pair.target:
            self.lossy += pair.copies
            return False
        return True

    def _add(self, tag: str, copies: int, pairs: list[StoredPair]) -> None:
        name = f"real-{len(self.files) + 1}"
        files = self.files.get((tag, copies)) or PairFiles(name, 0, copies, tag)
        self.files[tag, copies] = replace(files, pairs=files.pairs + len(pairs))
        for side in SIDES:
            lines = getattr(self._tokenizers, side).decode([getattr(pair, side) for pair in pairs])
            write_lines(side_file(self._folder, files.name, side), lines, append=True)


def stored_pairs(store: TokenCorpus, tokenizer: Tokenizer) -> Iterator[StoredPair]:
    """Each pair of a store once, with how often it is there; copies stand side by side.

    Args:
        tokenizer: of the sources, which knows the tags.
    """
    tags = {token: name for name, token in tokenizer.tags.items()}

    def ids(index: int) -> tuple[bytes, bytes]:
        return store.sentence("source", index).tobytes(), store.sentence("target", index).tobytes()

    for _, run in groupby(range(len(store)), key=ids):
        first, *copies = run
        source = store.sentence("source", first)
        tag = tags.get(int(source[0]), "") if len(source) else ""
        yield StoredPair(tag, 1 + len(copies), source, store.sentence("target", first))


def write_lines(path: Path, lines: Iterable[str], *, append: bool = False) -> None:
    """Write lines that `text.lines` reads as they are, with a byte order mark or "\\r" at an edge too."""
    with open(path, "ab" if append else "wb") as file:
        for line in lines:
            content = line.encode()
            needs_mark = content.startswith(BYTE_ORDER_MARK) and not file.tell()
            mark = BYTE_ORDER_MARK if needs_mark else b""
            end = b"\r\n" if content.endswith(b"\r") else b"\n"
            file.write(mark + content + end)


def lines_of(path: Path) -> Iterator[str]:
    """The lines that `write_lines` wrote."""
    with open_text(path) as file:
        for _, line in read_lines(file, str(path)):
            yield line

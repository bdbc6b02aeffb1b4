"""Pairs of sentences to prepare, and what was made of them."""

from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.settings.prepare import PrepareSettings
from mtkit.text.tokenizer import Tokenizer

SUBJECTS = [
    "the dog",
    "a cat",
    "my sister",
    "the old man",
    "a small house",
    "the river",
    "every child",
    "no student",
]


VERBS = ["sees", "finds", "loves", "paints", "forgets", "likes", "hears"]


SWAP = str.maketrans("aeiou", "ouiea")


def pairs_of_text(count: int) -> list[tuple[str, str]]:
    """Different pairs: sentences, and the same words in another spelling and order."""
    sentences = []
    for number in range(count):
        subject, verb, thing = SUBJECTS[number % 8], VERBS[number % 7], SUBJECTS[number // 8 % 8]
        sentences.append(
            (f"{subject} {verb} {thing} {number}", f"{number} {thing} {verb} {subject}".translate(SWAP))
        )
    return sentences


def write(prefix: Path, pairs: list[tuple[str, str]]) -> str:
    for side, language in enumerate(("en", "xx")):
        text = "".join(pair[side] + "\n" for pair in pairs)
        prefix.with_name(f"{prefix.name}.{language}").write_bytes(text.encode("utf-8", "surrogateescape"))
    return str(prefix)


def settings_for(train: str, **changes) -> PrepareSettings:
    given = {
        "train": (train,) if train else (),
        "valid": ("0",),
        "source_language": "en",
        "target_language": "xx",
    }
    return PrepareSettings(**{**given, **changes})


def decoded(checkpoint: Checkpoint, part: str) -> list[tuple[str, str]]:
    corpus = TokenCorpus(checkpoint.data / part)
    sides = []
    for side in ("source", "target"):
        model = checkpoint.vocab / "joint.spm"
        tokenizer = Tokenizer.load(model if model.exists() else checkpoint.vocab / f"{side}.spm")
        sides.append(tokenizer.decode([corpus.sentence(side, index) for index in range(len(corpus))]))
    return list(zip(*sides, strict=True))

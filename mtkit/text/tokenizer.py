"""The tokenizer: text to token ids and back, without loss.

All four kinds (unigram: Kudo 2018, arXiv:1804.10959; bpe: Sennrich et al. 2016, arXiv:1508.07909; word; char)
are sentencepiece models, so there is one class and one file format. Text is never normalised, and with byte
fallback a character that the vocabulary lacks is spelled in its UTF-8 bytes, so decode(encode(text)) == text
for every text.
"""

import copy
import io
import math
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import sentencepiece

from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.machine import available_threads
from mtkit.text.special import (
    BEGIN_ID,
    CONTEXT_PIECE,
    END_ID,
    FORBIDDEN_IDS,
    PAD_ID,
    UNKNOWN_ID,
    tag_name,
    tag_piece,
)

SPECIAL_TOKENS, BYTES = 4, 256
SMALLEST_AUTOMATIC, LARGEST_AUTOMATIC = 600, 32_000
LONGEST_TRAINING_LINE_BYTES = 100_000
# Sums of floating-point numbers depend on how the work is shared out, so the model depends on the number of
# threads: it is fixed, that machines of different size train the same tokenizer from the same text.
TRAINING_THREADS = 4

# sentencepiece writes a space as U+2581 and so reads a real U+2581 as a space. A real one is hidden behind
# U+E000.
SPACE_MARK, _ESCAPE = "\u2581", "\ue000"
_HIDDEN_SPACE_MARK, _HIDDEN_ESCAPE = _ESCAPE + "\ue001", _ESCAPE + "\ue002"
_HIDDEN = re.compile("\ue000([\ue001\ue002])")
# Never assigned, so in no vocabulary.
NO_CHARACTER = "\U0010ffff"


class Tokenizer:
    """A sentencepiece model of any kind.

    Attributes:
        size: tokens in the vocabulary.
        tags: the token of each tag of a corpus.
        context_mark: the token behind the sentences before one; None in a vocabulary that has none.
    """

    def __init__(self, model: bytes):
        """Args: model: a serialized sentencepiece model, from `train_tokenizer`; ValueError if it is none."""
        self._model = sentencepiece.SentencePieceProcessor()
        try:
            self._model.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise ValueError(str(error)) from None
        self.size: int = self._model.GetPieceSize() if model else 0
        special_ids = self._model.pad_id(), self._model.unk_id(), self._model.bos_id()
        if self.size <= SPECIAL_TOKENS or special_ids != (PAD_ID, UNKNOWN_ID, BEGIN_ID):
            raise ValueError("no sentencepiece model of mtkit")
        self._threads = available_threads()
        self._before: list[int] = []
        controls = (token for token in range(SPECIAL_TOKENS, self.size) if self._model.IsControl(token))
        pieces = {self._model.IdToPiece(token): token for token in controls}
        self.context_mark: int | None = pieces.pop(CONTEXT_PIECE, None)
        self.tags: dict[str, int] = {tag_name(piece): token for piece, token in pieces.items()}

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read a tokenizer.

        Raises:
            CheckpointError: the file is missing or damaged.
        """
        try:
            return cls(path.read_bytes())
        except (FileNotFoundError, ValueError) as error:
            problem = "missing" if isinstance(error, FileNotFoundError) else "damaged"
            raise CheckpointError(
                f"{path} is {problem}; copy the checkpoint directory again or run 'mtkit prepare --force'"
            ) from None

    @property
    def forbidden(self) -> tuple[int, ...]:
        """Tokens that no translation holds."""
        marks = () if self.context_mark is None else (self.context_mark,)
        return (*FORBIDDEN_IDS, *self.tags.values(), *marks)

    def tagged(self, name: str) -> "Tokenizer":
        """The same tokenizer, but what it encodes begins with a tag; without one for no name.

        Raises:
            SettingsError: the vocabulary has no such tag; names those that there are.
        """
        if name and name not in self.tags:
            known = ", ".join(self.tags) or "none"
            raise SettingsError(
                f"no corpus was tagged {name!r} when the vocabulary was made; its tags: {known}"
            )
        before = [self.tags[name]] if name else []
        if before == self._before:
            return self
        other = copy.copy(self)
        other._before = before
        return other

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without begin or end; an empty text has none. Uses all cores."""
        if not texts:
            return []
        sentences = self._model.Encode([_escape(text) for text in texts], num_threads=self._threads)
        if not self._before:
            return sentences
        return [[*self._before, *ids] if ids else ids for ids in sentences]

    def without_context(self, ids: Sequence[int]) -> Sequence[int]:
        """The tokens of a sentence itself: all of them, or those behind the mark of its context."""
        if self.context_mark is None or self.context_mark not in ids:
            return ids
        return ids[ids.index(self.context_mark) + 1 :]

    def decode(self, sentences: Sequence[Sequence[int]]) -> list[str]:
        """The text of each list of token ids; padding, begin, end and tags add nothing. Uses all cores."""
        if not len(sentences):
            return []
        lists = [[int(token) for token in sentence] for sentence in sentences]
        texts = self._model.Decode(lists, num_threads=self._threads)
        return [self._unescape(text, ids) for text, ids in zip(texts, lists, strict=True)]

    def with_words(self, ids: Sequence[int], words: Sequence[str]) -> tuple[list[str], str]:
        """Pieces and text of token ids, with these words in the place of the unknown tokens.

        Only for a vocabulary without bytes.
        """
        following = iter(words)
        mark = SPACE_MARK if self._unknown_with_space else ""
        pieces = [
            mark + _escape(next(following)) if token == UNKNOWN_ID else self._all_pieces[token]
            for token in ids
        ]
        return pieces, self._unescape(
            "".join(pieces).removeprefix(SPACE_MARK).replace(SPACE_MARK, " "), list(ids)
        )

    @cached_property
    def _unknown_with_space(self) -> bool:
        """Whether an unknown token is a word with the space before it, as where tokens are words."""
        return len(self._model.EncodeAsPieces(NO_CHARACTER)) == 1

    def surfaces(self, text: str) -> list[str]:
        """The pieces of a text as they stand in it, where `pieces` has <unk> and U+2581.

        Joined they are a space and the text.
        """
        pieces = self._model.EncodeAsPieces(_escape(text))
        surfaces = [self._unescape(piece.replace(SPACE_MARK, " "), []) for piece in pieces]
        return [""] * len(self._before) + surfaces

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The tokens as sentencepiece writes them: U+2581 is a space, <0x41> a byte."""
        return [self._all_pieces[token] for token in ids]

    @cached_property
    def _all_pieces(self) -> list[str]:
        return [self._model.IdToPiece(token) for token in range(self.size)]

    def fallback_tokens(self) -> np.ndarray:
        """Whether a token stands for text that the vocabulary lacks (the unknown token, a byte): bool [V]."""
        return np.array(
            [self._model.IsUnknown(token) or self._model.IsByte(token) for token in range(self.size)]
        )

    def control_tokens(self) -> np.ndarray:
        """Whether a token is no text (begin, end, padding, a tag): bool [V]."""
        return np.array([self._model.IsControl(token) for token in range(self.size)])

    @property
    def has_unknown(self) -> bool:
        """Whether there is text that the vocabulary cannot spell."""
        return not any(self._model.IsByte(token) for token in range(self.size))

    def scores(self) -> np.ndarray:
        """What the model holds of each token: float64 [V].

        Of unigram its log-probability; of bpe the higher the earlier it merges.
        """
        return np.array([self._model.GetScore(token) for token in range(self.size)])

    def _unescape(self, text: str, ids: list[int]) -> str:
        if SPACE_MARK in text:
            # A word that the vocabulary lacks is spelled with the space before it; that of the first word is
            # not text.
            first = next(token for token in ids if not self._model.IsControl(token))
            if self._model.IsByte(first):
                text = text.removeprefix(SPACE_MARK)
            text = text.replace(SPACE_MARK, " ")
        if _ESCAPE in text:
            text = _HIDDEN.sub(lambda match: SPACE_MARK if match[1] == "\ue001" else _ESCAPE, text)
        return text


def _escape(text: str) -> str:
    if SPACE_MARK in text or _ESCAPE in text:
        text = text.replace(_ESCAPE, _HIDDEN_ESCAPE).replace(SPACE_MARK, _HIDDEN_SPACE_MARK)
    return text


def most_tokens(text: str) -> int:
    """No tokenizer makes more tokens of a text: its bytes, and those of the space before it."""
    return len(_escape(text).encode()) + len(SPACE_MARK.encode())


def train_tokenizer(
    lines: Iterable[str],
    kind: str = "unigram",
    vocabulary_size: int = 8000,
    byte_fallback: bool = True,
    character_coverage: float = 1.0,
    tags: Sequence[str] = (),
    *,
    with_context: bool = False,
) -> bytes:
    """Train a tokenizer. The same lines give the same bytes, on any machine.

    Args:
        lines: the text, read once.
        kind: "unigram", "bpe", "word" or "char".
        vocabulary_size: tokens, with the 4 special ones and the 256 bytes; the vocabulary is smaller if the
            text has not so many.
        byte_fallback: spell what the vocabulary lacks in bytes.
        character_coverage: share of the characters of the text that the vocabulary holds.
        tags: names of tags that it has too.
        with_context: whether it has the mark of a context too.

    Returns:
        A serialized sentencepiece model.

    Raises:
        VocabularyTooSmall: the characters of the text do not fit; it holds the smallest size that would do.
        InputError: there is no text.
    """
    # sentencepiece takes no size below this; with this one it tells how many the characters need.
    controls = [tag_piece(name) for name in tags]
    if with_context:
        controls.append(CONTEXT_PIECE)
    smallest = SPECIAL_TOKENS + BYTES * byte_fallback + 1 + len(controls)
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.Train(
            sentence_iterator=(_escape(line) for line in lines),
            model_writer=model,
            model_type=kind,
            vocab_size=max(smallest, vocabulary_size),
            hard_vocab_limit=False,
            byte_fallback=byte_fallback,
            character_coverage=character_coverage,
            pad_id=PAD_ID,
            unk_id=UNKNOWN_ID,
            bos_id=BEGIN_ID,
            eos_id=END_ID,
            control_symbols=controls,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            input_sentence_size=0,
            shuffle_input_sentence=False,
            max_sentence_length=LONGEST_TRAINING_LINE_BYTES,
            num_threads=TRAINING_THREADS,
            minloglevel=2,
        )
    except RuntimeError as error:
        too_small = re.search(r"smaller than required_chars\. (\d+) vs (\d+)", str(error))
        if too_small:
            raise VocabularyTooSmall(vocabulary_size, int(too_small[2])) from None
        if "sentences_.empty()" in str(error):
            raise InputError("no training text to build a vocabulary from") from None
        raise
    if vocabulary_size < smallest:
        raise VocabularyTooSmall(vocabulary_size, smallest)
    return model.getvalue()


class VocabularyTooSmall(InputError):
    """The vocabulary cannot hold the characters of the text. `smallest` is the size that could."""

    def __init__(self, size: int, smallest: int):
        super().__init__(
            f"a vocabulary of {size} is too small for the characters of this text; use --vocabulary-size"
            f" {smallest} or more (0 chooses), or a lower --character-coverage"
        )
        self.smallest = smallest


def automatic_vocabulary_size(running_words: int, kind: str = "unigram") -> int:
    """The vocabulary size for a text of so many running words, when the user does not choose.

    5 * sqrt(running words), rounded to hundreds, between 600 and 32,000: a token then occurs often enough to
    be learnt, since the running words per token grow with the square root of the text. 20,000 pairs of short
    sentences get about 3,000 tokens, Multi30k (667,000 words) 4,100, ten million words 15,800. Whole words
    are four times as many, because most of them cannot be spelled from others; characters are all taken, up
    to 32,000.

    Args:
        running_words: words of the text that the vocabulary is for: of both languages if it is joint.
        kind: the kind of tokenizer.
    """
    if kind == "char":
        return LARGEST_AUTOMATIC
    size = 5 * math.sqrt(running_words) * (4 if kind == "word" else 1)
    return min(LARGEST_AUTOMATIC, max(SMALLEST_AUTOMATIC, round(size / 100) * 100))


def running_words(words: int, characters: int) -> int:
    """Words of a text; where spaces are few (Chinese, Thai), a fifth of the characters.

    Args:
        words: what stands between spaces.
    """
    return max(words, characters // 5) if characters > 15 * words else words

"""What every model has: embeddings of both sides, the output layer, and dropout; what is between them is the
family's.
"""

import keras
from keras import ops

from mtkit.model.product import product
from mtkit.settings import ModelSettings
from mtkit.settings.option import LARGEST_SEED

# The logit of what is no token.
NEVER = -1e9


class TranslationModel(keras.Model):
    """A sequence-to-sequence model over token ids. Positions come first in its arrays: [T, B, D].

    Shape letters: B sentences, S source positions, T target positions, E width of embeddings and readouts, V
    target vocabulary, N rows of a search.

    Args:
        settings: complete settings (see `build.fill_in`).
        source_size: source vocabulary size.
        target_size: V.
        seed: of the first weights and of dropout.
        precision: "float32" or "bfloat16", for products with weight matrices; everything else is float32.
    """

    def __init__(
        self,
        settings: ModelSettings,
        source_size: int,
        target_size: int,
        seed: int = 1,
        precision: str = "float32",
    ):
        super().__init__(name="seq2seq")
        self.settings = settings
        self.precision = precision
        self.dropout_seed = keras.random.SeedGenerator(seed, name="dropout_seed")
        self._initial_seed = seed
        self._made = 0
        width, tie = settings.embedding_width, settings.tie_embeddings
        self.target_embeddings = self._matrix(
            "target_embeddings",
            target_size,
            width,
            trainable=not settings.freeze_target_embeddings,
            spread=width**-0.5,
        )
        self.source_embeddings = self.target_embeddings
        if tie != "all":
            self.source_embeddings = self._matrix(
                "source_embeddings",
                source_size,
                width,
                trainable=not settings.freeze_source_embeddings,
                spread=width**-0.5,
            )
        self.output_matrix = self.target_embeddings
        if tie == "none":
            self.output_matrix = self._matrix("output", target_size, width, spread=width**-0.5)
        self.output_bias = self._vector("output_bias", target_size)

    # What a family has of its own.

    @property
    def attends(self) -> bool:
        """Whether decoding steps come with attention."""
        raise NotImplementedError

    def readouts(self, source, target_in, training=False):
        """Readouts for every target position, float32 [T, B, E], from int32 [B, S] and [B, T], padded with
        PAD_ID.
        """
        raise NotImplementedError

    def start(self, source):
        """What a search over int32 [B, S] sources needs: (memory, named arrays of B rows; state, a tuple of
        such).

        A state may grow from step to step, [N, ..., T, W]; at the start it has T = 0.
        """
        raise NotImplementedError

    def step(self, tokens, state, memory, room=None):
        """One step of decoding.

        Args:
            tokens: int32 [N], the tokens chosen last.
            state: as `start` gives it, for N rows; memory likewise.
            room: of a model whose state grows, how many of the T hold nothing yet; None is 0. They come
                first.

        Returns:
            (readout [N, E] (see `logits`), attention [N, S] or None, new state).
        """
        raise NotImplementedError

    def multiplications(self) -> tuple[int, int, int]:
        """Those of matrix products for each source token, each target token, and each pair of a source and a
        target position.
        """
        raise NotImplementedError

    # What all have.

    def logits(self, readouts, more: int = 0):
        """Scores over the target vocabulary: float32 [..., E] -> [..., V + more], those behind V so low that
        they never count.
        """
        matrix, bias = self._low(self.output_matrix), self.output_bias
        if more:
            matrix, bias = (
                ops.pad(matrix, ((0, more), (0, 0))),
                ops.pad(bias, ((0, more),), constant_values=NEVER),
            )
        return product(readouts, ops.transpose(matrix)) + bias

    def call(self, inputs, training=False):
        """Teacher-forced logits, float32 [B, T, V], from (source [B, S], target_in [B, T])."""
        source, target_in = inputs
        return self.logits(ops.transpose(self.readouts(source, target_in, training), (1, 0, 2)))

    def _embed(self, matrix, ids, training, places=None):
        """Ids [B, T] -> [T, B, E], scaled to unit variance, with what stands for their places, [T, 1, E];
        with dropout.
        """
        embedded = self._embedded(matrix, ops.transpose(ids))
        if training and self.settings.word_dropout:
            shape = (*ops.shape(embedded)[:2], 1)
            embedded = keras.random.dropout(
                embedded, self.settings.word_dropout, noise_shape=shape, seed=self.dropout_seed
            )
        return self._dropout(
            embedded if places is None else embedded + places, self.settings.embedding_dropout, training
        )

    def _embedded(self, matrix, ids):
        """Rows of embeddings, scaled to unit variance: ids [...] -> [..., E]."""
        return ops.take(matrix, ids, axis=0) * self.settings.embedding_width**0.5

    def _dropout(self, x, rate, training):
        """Dropout on [T, ...]; variational dropout is the same at all T positions."""
        shape = (1, *ops.shape(x)[1:]) if self.settings.variational_dropout else None
        return (
            keras.random.dropout(x, rate, noise_shape=shape, seed=self.dropout_seed)
            if training and rate
            else x
        )

    def _low(self, matrix):
        """A matrix in the dtype of products."""
        return ops.cast(matrix, self.precision)

    # Making weights: each has a seed of its own, so that adding one leaves the others as they were.

    def _initial(self, kind):
        self._made += 1
        return kind((self._initial_seed * 1000 + self._made) % LARGEST_SEED)

    def _matrix(self, name, rows, columns, trainable=True, spread=None):
        kind = keras.initializers.GlorotUniform if spread is None else normal(spread)
        return self.add_weight(
            name=name, shape=(rows, columns), initializer=self._initial(kind), trainable=trainable
        )

    def _vector(self, name, width, spread=None, value="zeros"):
        kind = (lambda seed: value) if spread is None else normal(spread)
        return self.add_weight(name=name, shape=(width,), initializer=self._initial(kind))


def size(*matrices) -> int:
    """Numbers in matrices; none in one that the model has not (None)."""
    return sum(int(matrix.shape[0]) * int(matrix.shape[1]) for matrix in matrices if matrix is not None)


def normal(spread):
    """Seed -> an initializer with this standard deviation."""
    return lambda seed: keras.initializers.RandomNormal(0.0, spread, seed)

"""What every model has: embeddings, the output layer, dropout. What is between them is the family's."""

import keras
from keras import ops

from mtkit.model.product import product
from mtkit.settings.option import LARGEST_SEED
from mtkit.settings.train import ModelSettings

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
        precision: of products with weight matrices, "float32", "bfloat16" or "float16"; all else is float32.
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
        tie = settings.tie_embeddings
        self.target_embeddings = self._new_embeddings(
            "target_embeddings", target_size, trainable=not settings.freeze_target_embeddings
        )
        self.source_embeddings = self.output_matrix = self.target_embeddings
        if tie != "all":
            self.source_embeddings = self._new_embeddings(
                "source_embeddings", source_size, trainable=not settings.freeze_source_embeddings
            )
        if tie == "none":
            self.output_matrix = self._new_embeddings("output", target_size)
        self.output_bias = self.new_vector("output_bias", target_size)

    # What a family has of its own.

    @property
    def attends(self) -> bool:
        """Whether decoding steps come with attention."""
        raise NotImplementedError

    def readouts(self, source, target_in, training=False):
        """Readouts for every target position.

        Args:
            source: int32 [B, S], padded with PAD_ID.
            target_in: int32 [B, T], likewise.

        Returns:
            float32 [T, B, E].
        """
        raise NotImplementedError

    def start(self, source):
        """What a search needs of sources int32 [B, S].

        Returns:
            (memory, named arrays of B rows; state, a tuple of such). A state may grow from step to step,
            [N, ..., T, W]; at the start it has T = 0.
        """
        raise NotImplementedError

    def step(self, tokens, state, memory, room=None):
        """One step of decoding.

        Args:
            tokens: int32 [N], the tokens chosen last.
            state: as `start` gives it, for N rows; memory likewise.
            room: of a model whose state grows, how many of the T, the first, hold nothing yet; None is 0.

        Returns:
            (readout [N, E] (see `logits`), attention [N, S] or None, new state).
        """
        raise NotImplementedError

    def multiplications(self) -> tuple[int, int, int]:
        """Those of matrix products: for each source token, each target token, and each pair of positions."""
        raise NotImplementedError

    # What all have.

    def logits(self, readouts, more: int = 0):
        """Scores over the target vocabulary, float32 [..., E] -> [..., V + more].

        Args:
            more: scores behind V, so low that they never count.
        """
        matrix, bias = self._low(self.output_matrix), self.output_bias
        if more:
            matrix = ops.pad(matrix, ((0, more), (0, 0)))
            bias = ops.pad(bias, ((0, more),), constant_values=NEVER)
        return product(readouts, ops.transpose(matrix)) + bias

    def call(self, inputs, training=False):
        """Teacher-forced logits, float32 [B, T, V], from (source [B, S], target_in [B, T])."""
        source, target_in = inputs
        return self.logits(ops.transpose(self.readouts(source, target_in, training), (1, 0, 2)))

    def _embed(self, matrix, ids, training, places=None):
        """Embeddings of ids, scaled to unit variance, with dropout: [B, T] -> [T, B, E].

        Args:
            places: what stands for their places, [T, 1, E]; None for none.
        """
        embedded = self._embedded(matrix, ops.transpose(ids))
        if training and self.settings.word_dropout:
            shape = (*ops.shape(embedded)[:2], 1)
            embedded = keras.random.dropout(
                embedded, self.settings.word_dropout, noise_shape=shape, seed=self.dropout_seed
            )
        if places is not None:
            embedded = embedded + places
        return self._dropout(embedded, self.settings.embedding_dropout, training)

    def _embedded(self, matrix, ids):
        """Rows of embeddings, scaled to unit variance: ids [...] -> [..., E]."""
        return ops.take(matrix, ids, axis=0) * self.settings.embedding_width**0.5

    def _dropout(self, x, rate, training):
        """Dropout on [T, ...]; variational dropout is the same at all T positions."""
        if not training or not rate:
            return x
        shape = (1, *ops.shape(x)[1:]) if self.settings.variational_dropout else None
        return keras.random.dropout(x, rate, noise_shape=shape, seed=self.dropout_seed)

    def _low(self, matrix):
        """A matrix in the dtype of products."""
        return ops.cast(matrix, self.precision)

    # New weights. Each has a seed of its own, so that adding one leaves those before it as they were.

    def new_initializer(self, make):
        """An initializer with the next seed.

        Args:
            make: seed -> initializer.
        """
        self._made += 1
        return make((self._initial_seed * 1000 + self._made) % LARGEST_SEED)

    def new_matrix(
        self, name: str, rows: int, columns: int, trainable: bool = True, spread: float | None = None
    ):
        """A weight [rows, columns].

        Args:
            spread: standard deviation of what it begins with; None for the uniform one of Glorot and Bengio.
        """
        make = keras.initializers.GlorotUniform if spread is None else normal(spread)
        initializer = self.new_initializer(make)
        return self.add_weight(name=name, shape=(rows, columns), initializer=initializer, trainable=trainable)

    def new_vector(self, name: str, width: int, spread: float | None = None, value: str = "zeros"):
        """A weight [width]; it begins with a value, or as `new_matrix` with a spread."""
        make = (lambda seed: value) if spread is None else normal(spread)
        return self.add_weight(name=name, shape=(width,), initializer=self.new_initializer(make))

    def _new_embeddings(self, name: str, rows: int, trainable: bool = True):
        width = self.settings.embedding_width
        return self.new_matrix(name, rows, width, trainable, spread=width**-0.5)


def size(*matrices) -> int:
    """How many numbers matrices hold; None, which a model has not, holds none."""
    return sum(int(matrix.shape[0]) * int(matrix.shape[1]) for matrix in matrices if matrix is not None)


def normal(spread):
    """Seed -> an initializer with this standard deviation."""
    return lambda seed: keras.initializers.RandomNormal(0.0, spread, seed)

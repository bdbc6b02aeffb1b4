"""The sequence-to-sequence model: encoder, decoder and output layer around the loops of recurrent.py and attention.py."""

from dataclasses import replace

import keras
import numpy as np
from keras import ops

from mtkit.errors import SettingsError
from mtkit.model.attention import (
    MASKED,
    DecoderState,
    DecoderWeights,
    Memory,
    decoder_step,
    in_dtype,
    run_decoder,
    step_matrices,
)
from mtkit.model.recurrent import CELLS, CellWeights, hidden_part, normalise, product, run_cell
from mtkit.option import LARGEST_SEED
from mtkit.settings import ModelSettings
from mtkit.text.special import PAD_ID

PRESETS = {
    "tiny": {"embedding_width": 128, "encoder_width": 128, "decoder_width": 128, "dropout": 0.1},
    "small": {"embedding_width": 256, "encoder_width": 256, "decoder_width": 256, "dropout": 0.3},
    "base": {"embedding_width": 512, "encoder_width": 512, "decoder_width": 512, "dropout": 0.2},
}
# Target tokens that a source position is good for, at most (Tu et al. 2016).
MOST_FERTILE = 2.0
PRESET_UP_TO_PAIRS = {"tiny": 10_000, "small": 300_000}


def preset_for(pairs: int) -> str:
    """The preset for this many training pairs: larger text carries a larger model."""
    return next((name for name, most in PRESET_UP_TO_PAIRS.items() if pairs <= most), "base")


def fill_in(settings: ModelSettings, joint_vocabulary: bool) -> ModelSettings:
    """Settings with nothing left open: widths, layers, dropout and tying. The preset must be chosen already.

    Raises:
        SettingsError: values that do not go together.
    """
    sizes = PRESETS[settings.preset]
    given = {name: value for name, value in vars(settings).items() if value is not None}
    dropout = sizes["dropout"]
    defaults = {
        "embedding_width": sizes["embedding_width"], "encoder_width": sizes["encoder_width"],
        "decoder_width": sizes["decoder_width"], "encoder_layers": 1, "decoder_layers": 1,
        "embedding_dropout": dropout, "layer_dropout": dropout, "output_dropout": dropout,
    }
    freeze_alike = settings.freeze_source_embeddings == settings.freeze_target_embeddings
    alike = freeze_alike and settings.source_embeddings == settings.target_embeddings
    tie = settings.tie_embeddings
    tie = ("all" if joint_vocabulary and alike else "target") if tie == "auto" else tie
    filled = replace(settings, **{**defaults, **given, "tie_embeddings": tie})
    if filled.encoder_width % 2:
        raise SettingsError(f"encoder_width is even (two directions). Received: {filled.encoder_width}")
    if filled.coverage and filled.attention not in ("additive", "concat"):
        raise SettingsError(f"coverage needs attention additive or concat. Received: {filled.attention}")
    if filled.attention == "dot" and filled.encoder_width != filled.decoder_width:
        raise SettingsError(
            "attention dot multiplies encoder and decoder states: encoder_width and decoder_width must be equal. "
            f"Received: {filled.encoder_width} and {filled.decoder_width} (attention general has no such limit)"
        )
    if tie == "all" and not joint_vocabulary:
        raise SettingsError("tie_embeddings all needs a joint vocabulary; use target, or 'mtkit prepare --vocabulary joint'")
    if tie == "all" and not alike:
        raise SettingsError(
            "tie_embeddings all makes one matrix of source and target embeddings: give both the same file and freeze both "
            "or neither, or leave tie_embeddings out"
        )
    return filled


class Seq2Seq(keras.Model):
    """An attention sequence-to-sequence model over token ids.

    Args:
        settings: complete settings (see `fill_in`).
        source_size: source vocabulary size.
        target_size: target vocabulary size V.
        seed: of the first weights and of dropout.
        precision: "float32" or "bfloat16", for products with weight matrices; everything else is float32.
    """

    def __init__(self, settings: ModelSettings, source_size: int, target_size: int, seed: int = 1, precision: str = "float32"):
        super().__init__(name="seq2seq")
        self.settings = settings
        self.precision = precision
        self.dropout_seed = keras.random.SeedGenerator(seed, name="dropout_seed")
        self._initial_seed = seed
        self._made = 0
        cell = CELLS[settings.cell]
        embedding, memory, width = settings.embedding_width, settings.encoder_width, settings.decoder_width
        tie, attention = settings.tie_embeddings, settings.attention
        self.target_embeddings = self._matrix(
            "target_embeddings", target_size, embedding, trainable=not settings.freeze_target_embeddings, spread=embedding**-0.5
        )
        self.source_embeddings = self.target_embeddings
        if tie != "all":
            self.source_embeddings = self._matrix(
                "source_embeddings", source_size, embedding, trainable=not settings.freeze_source_embeddings, spread=embedding**-0.5
            )
        self.output_matrix = self.target_embeddings
        if tie == "none":
            self.output_matrix = self._matrix("output", target_size, embedding, spread=embedding**-0.5)
        self.output_bias = self._vector("output_bias", target_size)
        half = memory // 2
        self.encoder_cells = [
            self._cell("encoder_1_forward", embedding, half, cell), self._cell("encoder_1_backward", embedding, half, cell)
        ]
        self.encoder_cells += [
            self._cell(f"encoder_{layer}", memory, memory, cell) for layer in range(2, settings.encoder_layers + 1)
        ]
        self.bridges = [
            (self._matrix(f"bridge_{state}", memory, width), self._vector(f"bridge_{state}_bias", width))
            for state in range(cell.states)
        ]
        self.decoder_cell = self._cell("decoder_1", embedding, width, cell)
        self.feed = self._matrix("decoder_feed", embedding, cell.gates * width) if settings.input_feeding else None
        scored = attention in ("additive", "concat")
        self.keys = self._matrix("attention_keys", memory, width) if scored or attention == "general" else None
        self.query = self._matrix("attention_query", width, width) if scored else None
        self.score = self._vector("attention_score", width, spread=width**-0.5) if scored else None
        self.coverage = self._vector("attention_coverage", width, spread=width**-0.5) if settings.coverage else None
        self.fertility = (self._matrix("fertility", memory, 1), self._vector("fertility_bias", 1)) if settings.coverage else None
        self.readout_state = self._matrix("readout_state", width, embedding)
        self.readout_context = self._matrix("readout_context", memory, embedding) if attention != "none" else None
        self.upper_cells = [
            self._cell(f"decoder_{layer}", embedding, embedding, cell) for layer in range(2, settings.decoder_layers + 1)
        ]
        self.built = True

    # Making weights: each has a seed of its own, so that adding one leaves the others as they were.

    def _initial(self, kind):
        self._made += 1
        return kind((self._initial_seed * 1000 + self._made) % LARGEST_SEED)

    def _matrix(self, name, rows, columns, trainable=True, spread=None):
        kind = keras.initializers.GlorotUniform if spread is None else normal(spread)
        return self.add_weight(name=name, shape=(rows, columns), initializer=self._initial(kind), trainable=trainable)

    def _vector(self, name, width, spread=None):
        kind = (lambda seed: "zeros") if spread is None else normal(spread)
        return self.add_weight(name=name, shape=(width,), initializer=self._initial(kind))

    def _cell(self, name, inputs, width, cell):
        """The weights of a recurrent layer; the LSTM's forget gate starts open."""
        bias = np.zeros(cell.gates * width, np.float32)
        if cell.gates == 4:
            bias[width : 2 * width] = 1.0
        recurrent = self._initial(lambda seed: keras.initializers.Orthogonal(seed=seed))
        weights = CellWeights(
            self._matrix(f"{name}_input", inputs, cell.gates * width),
            self.add_weight(name=f"{name}_recurrent", shape=(width, cell.gates * width), initializer=recurrent),
            self.add_weight(name=f"{name}_bias", shape=bias.shape, initializer=lambda shape, dtype: ops.convert_to_tensor(bias)),
        )
        if not self.settings.layer_norm:
            return weights
        return weights._replace(
            input_gain=self.add_weight(name=f"{name}_input_gain", shape=bias.shape, initializer="ones"),
            recurrent_gain=self.add_weight(name=f"{name}_recurrent_gain", shape=bias.shape, initializer="ones"),
        )

    # The parts of a pass.

    def _low(self, matrix):
        """A matrix in the dtype of products."""
        return ops.cast(matrix, self.precision)

    def _dropout(self, x, rate, training):
        """Dropout on [T, B, D]; variational dropout is the same at all T positions."""
        shape = (1, *ops.shape(x)[1:]) if self.settings.variational_dropout else None
        return keras.random.dropout(x, rate, noise_shape=shape, seed=self.dropout_seed) if training and rate else x

    def _run(self, x, cell, training):
        """A recurrent layer over [T, B, I] -> [T, B, D]."""
        gain = None if cell.recurrent_gain is None else ops.copy(cell.recurrent_gain)
        return run_cell(self.settings.cell, self._gate_inputs(x, cell), ops.copy(cell.recurrent), self.precision, gain, training)

    def _gate_inputs(self, x, cell):
        """The part of a cell's gates that comes from its input: [..., I] -> [..., G]."""
        from_input = product(x, self._low(cell.inputs))
        return (from_input if cell.input_gain is None else normalise(from_input)[0] * cell.input_gain) + cell.bias

    def _embed(self, matrix, ids, training):
        """Ids [B, T] -> [T, B, E], scaled to unit variance."""
        embedded = ops.take(matrix, ops.transpose(ids), axis=0) * self.settings.embedding_width**0.5
        if training and self.settings.word_dropout:
            shape = (*ops.shape(embedded)[:2], 1)
            embedded = keras.random.dropout(embedded, self.settings.word_dropout, noise_shape=shape, seed=self.dropout_seed)
        return self._dropout(embedded, self.settings.embedding_dropout, training)

    def encode(self, source, training=False):
        """Encode sources.

        Args:
            source: int32 [B, S], padded with PAD_ID.

        Returns:
            (memory, first states of the decoder cell, each float32 [B, D]).
        """
        rate = self.settings.layer_dropout
        real = ops.transpose(source != PAD_ID)
        lengths = ops.sum(ops.cast(real, "int32"), axis=0)
        x = self._embed(self.source_embeddings, source, training)
        forward = self._run(x, self.encoder_cells[0], training)
        mirrored = mirror_index(lengths, ops.shape(x)[0])
        backward = take_positions(self._run(take_positions(x, mirrored), self.encoder_cells[1], training), mirrored)
        last = last_index(lengths)
        summary = ops.concatenate([ops.take(flat(forward), last, axis=0), backward[0]], axis=-1)
        outputs = ops.concatenate([forward, backward], axis=-1)
        for layer, cell in enumerate(self.encoder_cells[2:], 2):
            above = self._run(self._dropout(outputs, rate, training), cell, training)
            outputs = above + outputs if layer >= 3 else above
            summary = ops.take(flat(outputs), last, axis=0)
        outputs = self._dropout(outputs, rate, training) * ops.cast(real, "float32")[..., None]
        initial = tuple(ops.tanh(product(summary, self._low(matrix)) + bias) for matrix, bias in self.bridges)
        if self.settings.attention == "none":
            return Memory(), initial
        values = ops.transpose(outputs, (1, 0, 2))
        keys = values if self.keys is None else product(values, self._low(self.keys))
        bias = (1.0 - ops.cast(ops.transpose(real), "float32")) * MASKED
        rate = None
        if self.fertility:
            matrix, shift = self.fertility
            rate = ops.squeeze(1.0 / (MOST_FERTILE * ops.sigmoid(product(values, self._low(matrix)) + shift)), -1)
        return Memory(keys, values, bias, rate), initial

    def decoder_weights(self, dtype: str) -> DecoderWeights:
        """The weights of the decoder loop, matrices in a dtype and vectors in float32."""
        def get(weight):
            return None if weight is None else in_dtype(ops.copy(weight), dtype)

        return DecoderWeights(
            get(self.decoder_cell.recurrent), get(self.feed), get(self.query), get(self.score), get(self.readout_state),
            get(self.readout_context), get(self.coverage), get(self.decoder_cell.recurrent_gain),
        )  # fmt: skip

    def readouts(self, source, target_in, training=False):
        """Readouts for every target position, float32 [T, B, E] (time first)."""
        settings = self.settings
        memory, initial = self.encode(source, training)
        x = self._embed(self.target_embeddings, target_in, training)
        inputs = self._gate_inputs(x, self.decoder_cell)
        drop = None
        if training and settings.output_dropout:
            shape = (*ops.shape(x)[:2], settings.embedding_width)
            drop = self._dropout(ops.ones(shape), settings.output_dropout, training)
        outputs = run_decoder(
            settings.cell, inputs, initial, self.decoder_weights("float32"), memory, drop, settings.scale_attention, self.precision
        )
        for layer, cell in enumerate(self.upper_cells, 2):
            above = self._run(self._dropout(outputs, settings.layer_dropout, training), cell, training)
            outputs = above + outputs if layer >= 3 else above
        return outputs

    def logits(self, readouts):
        """Scores over the target vocabulary: float32 [..., E] -> [..., V]."""
        return product(readouts, ops.transpose(self._low(self.output_matrix))) + self.output_bias

    def call(self, inputs, training=False):
        """Teacher-forced logits, float32 [B, T, V], from (source [B, S], target_in [B, T])."""
        source, target_in = inputs
        return self.logits(ops.transpose(self.readouts(source, target_in, training), (1, 0, 2)))

    def start(self, source):
        """What the search needs: (memory, state) with state a tuple of float32 arrays of B rows: feed, coverage if any, cells."""
        memory, initial = self.encode(source)
        rows = ops.shape(source)[0]
        feed = ops.zeros((rows, self.settings.embedding_width), "float32")
        upper = tuple(
            ops.zeros((rows, self.settings.embedding_width), "float32")
            for _ in self.upper_cells for _ in range(CELLS[self.settings.cell].states)
        )
        coverage = () if memory.rate is None else (ops.zeros_like(memory.rate),)
        return memory, (feed, *coverage, *initial, *upper)

    def step(self, tokens, state, memory):
        """One step of decoding.

        Args:
            tokens: int32 [N], the tokens chosen last.
            state: as `start` gives it, for N rows; memory likewise.

        Returns:
            (readout [N, E] (see `logits`), attention [N, S] or None, new state).
        """
        cell = CELLS[self.settings.cell]
        x = ops.take(self.target_embeddings, tokens, axis=0) * self.settings.embedding_width**0.5
        inputs = self._gate_inputs(x, self.decoder_cell)
        feed, *rest = state
        coverage = 0.0 if memory.rate is None else rest.pop(0)
        before = DecoderState(tuple(rest[: cell.states]), feed, coverage)
        matrices = step_matrices(self.settings.cell, self.decoder_weights(self.precision))
        after, attention, *_ = decoder_step(
            self.settings.cell, inputs, before, matrices, memory, self.settings.scale_attention
        )
        new_state = [after.feed, *(() if memory.rate is None else (after.coverage,)), *after.cell]
        outputs = after.feed
        for layer, weights in enumerate(self.upper_cells, 2):
            first = cell.states * (layer - 1)
            mine = tuple(rest[first : first + cell.states])
            hidden, _ = hidden_part(product(mine[0], self._low(weights.recurrent)), weights.recurrent_gain)
            mine, _ = cell.forward(self._gate_inputs(outputs, weights), hidden, mine)
            outputs = mine[0] + outputs if layer >= 3 else mine[0]
            new_state += mine
        return outputs, attention, tuple(new_state)


def normal(spread):
    """Seed -> an initializer with this standard deviation."""
    return lambda seed: keras.initializers.RandomNormal(0.0, spread, seed)


def flat(x):
    """[T, B, D] -> [T x B, D]."""
    return ops.reshape(x, (-1, x.shape[-1]))


def last_index(lengths):
    """Rows of `flat` that hold each sentence's last real position, int32 [B]."""
    batch = ops.shape(lengths)[0]
    return ops.maximum(lengths - 1, 0) * batch + ops.arange(batch, dtype="int32")


def mirror_index(lengths, longest):
    """Rows of `flat` that turn each sentence around within its own length, int32 [T x B]; padding stays."""
    batch = ops.shape(lengths)[0]
    positions = ops.expand_dims(ops.arange(longest, dtype="int32"), 1)
    turned = ops.where(positions < lengths, lengths - 1 - positions, positions)
    return ops.reshape(turned * batch + ops.arange(batch, dtype="int32"), (-1,))


def take_positions(x, index):
    """[T, B, D] with the rows of `flat` in another order."""
    return ops.reshape(ops.take(flat(x), index, axis=0), ops.shape(x))

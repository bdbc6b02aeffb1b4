"""The recurrent model: encoder, decoder and attention around the loops of recurrent.py and attention.py."""

import keras
import numpy as np
from keras import ops

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
from mtkit.model.base import TranslationModel, size
from mtkit.model.product import normalise, product
from mtkit.model.recurrent import CELLS, CellWeights, cell_step, run_cell
from mtkit.settings import ModelSettings
from mtkit.text.special import PAD_ID

# Target tokens that a source position is good for, at most (Tu et al. 2016).
MOST_FERTILE = 2.0


class RecurrentModel(TranslationModel):
    """An attention sequence-to-sequence model of LSTM or GRU cells; see `TranslationModel`.

    Shape letters: D width of the decoder state.
    """

    def __init__(
        self,
        settings: ModelSettings,
        source_size: int,
        target_size: int,
        seed: int = 1,
        precision: str = "float32",
    ):
        super().__init__(settings, source_size, target_size, seed, precision)
        cell, attention = CELLS[settings.cell], settings.attention
        embedding, memory, width = settings.embedding_width, settings.encoder_width, settings.decoder_width
        half = memory // 2
        self.encoder_cells = [
            self._cell("encoder_1_forward", embedding, half, cell),
            self._cell("encoder_1_backward", embedding, half, cell),
        ]
        self.encoder_cells += [
            self._cell(f"encoder_{layer}", memory, memory, cell)
            for layer in range(2, settings.encoder_layers + 1)
        ]
        self.bridges = [
            (self._matrix(f"bridge_{state}", memory, width), self._vector(f"bridge_{state}_bias", width))
            for state in range(cell.states)
        ]
        self.decoder_cell = self._cell("decoder_1", embedding, width, cell)
        self.feed = (
            self._matrix("decoder_feed", embedding, cell.gates * width) if settings.input_feeding else None
        )
        scored = attention in ("additive", "concat")
        self.keys = (
            self._matrix("attention_keys", memory, width) if scored or attention == "general" else None
        )
        self.query = self._matrix("attention_query", width, width) if scored else None
        self.score = self._vector("attention_score", width, spread=width**-0.5) if scored else None
        self.coverage = (
            self._vector("attention_coverage", width, spread=width**-0.5) if settings.coverage else None
        )
        self.fertility = (
            (self._matrix("fertility", memory, 1), self._vector("fertility_bias", 1))
            if settings.coverage
            else None
        )
        self.readout_state = self._matrix("readout_state", width, embedding)
        self.readout_context = (
            self._matrix("readout_context", memory, embedding) if attention != "none" else None
        )
        self.upper_cells = [
            self._cell(f"decoder_{layer}", embedding, embedding, cell)
            for layer in range(2, settings.decoder_layers + 1)
        ]

    @property
    def attends(self) -> bool:
        return self.settings.attention != "none"

    def multiplications(self) -> tuple[int, int, int]:
        encoder = size(*(matrix for cell in self.encoder_cells for matrix in cell[:2]), self.keys)
        decoder = size(*(matrix for cell in (self.decoder_cell, *self.upper_cells) for matrix in cell[:2]))
        decoder += size(self.feed, self.query, self.readout_state, self.readout_context, self.output_matrix)
        return (
            encoder,
            decoder,
            self.settings.encoder_width + self.settings.decoder_width if self.attends else 0,
        )

    def _cell(self, name, inputs, width, cell):
        """The weights of a recurrent layer; the LSTM's forget gate starts open."""
        bias = np.zeros(cell.gates * width, np.float32)
        if cell.gates == 4:
            bias[width : 2 * width] = 1.0
        recurrent = self._initial(lambda seed: keras.initializers.Orthogonal(seed=seed))
        weights = CellWeights(
            self._matrix(f"{name}_input", inputs, cell.gates * width),
            self.add_weight(
                name=f"{name}_recurrent", shape=(width, cell.gates * width), initializer=recurrent
            ),
            self.add_weight(
                name=f"{name}_bias",
                shape=bias.shape,
                initializer=lambda shape, dtype: ops.convert_to_tensor(bias),
            ),
        )
        if not self.settings.layer_norm:
            return weights
        return weights._replace(
            input_gain=self.add_weight(name=f"{name}_input_gain", shape=bias.shape, initializer="ones"),
            recurrent_gain=self.add_weight(
                name=f"{name}_recurrent_gain", shape=bias.shape, initializer="ones"
            ),
        )

    def _run(self, x, cell, training):
        """A recurrent layer over [T, B, I] -> [T, B, D]."""
        gain = None if cell.recurrent_gain is None else ops.copy(cell.recurrent_gain)
        return run_cell(
            self.settings.cell,
            self._gate_inputs(x, cell),
            ops.copy(cell.recurrent),
            self.precision,
            gain,
            training,
        )

    def _gate_inputs(self, x, cell):
        """The part of a cell's gates that comes from its input: [..., I] -> [..., G]."""
        from_input = product(x, self._low(cell.inputs))
        return (
            from_input if cell.input_gain is None else normalise(from_input)[0] * cell.input_gain
        ) + cell.bias

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
        backward = take_positions(
            self._run(take_positions(x, mirrored), self.encoder_cells[1], training), mirrored
        )
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
            rate = ops.squeeze(
                1.0 / (MOST_FERTILE * ops.sigmoid(product(values, self._low(matrix)) + shift)), -1
            )
        return Memory(keys, values, bias, rate), initial

    def decoder_weights(self, dtype: str) -> DecoderWeights:
        """The weights of the decoder loop, matrices in a dtype and vectors in float32."""

        def get(weight):
            return None if weight is None else in_dtype(ops.copy(weight), dtype)

        return DecoderWeights(
            get(self.decoder_cell.recurrent),
            get(self.feed),
            get(self.query),
            get(self.score),
            get(self.readout_state),
            get(self.readout_context),
            get(self.coverage),
            get(self.decoder_cell.recurrent_gain),
        )

    def readouts(self, source, target_in, training=False):
        settings = self.settings
        memory, initial = self.encode(source, training)
        x = self._embed(self.target_embeddings, target_in, training)
        inputs = self._gate_inputs(x, self.decoder_cell)
        drop = None
        if training and settings.output_dropout:
            shape = (*ops.shape(x)[:2], settings.embedding_width)
            drop = self._dropout(ops.ones(shape), settings.output_dropout, training)
        outputs = run_decoder(
            settings.cell,
            inputs,
            initial,
            self.decoder_weights("float32"),
            memory,
            drop,
            settings.scale_attention,
            self.precision,
        )
        for layer, cell in enumerate(self.upper_cells, 2):
            above = self._run(self._dropout(outputs, settings.layer_dropout, training), cell, training)
            outputs = above + outputs if layer >= 3 else above
        return outputs

    def start(self, source):
        # The state is the feed, coverage if any, and the cells.
        memory, initial = self.encode(source)
        rows = ops.shape(source)[0]
        feed = ops.zeros((rows, self.settings.embedding_width), "float32")
        upper = tuple(
            ops.zeros((rows, self.settings.embedding_width), "float32")
            for _ in self.upper_cells
            for _ in range(CELLS[self.settings.cell].states)
        )
        coverage = () if memory.rate is None else (ops.zeros_like(memory.rate),)
        named = {name: array for name, array in memory._asdict().items() if array is not None}
        return named, (feed, *coverage, *initial, *upper)

    def step(self, tokens, state, memory, room=None):
        memory = Memory(**memory)
        cell = CELLS[self.settings.cell]
        inputs = self._gate_inputs(self._embedded(self.target_embeddings, tokens), self.decoder_cell)
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
            inputs = self._gate_inputs(outputs, weights)
            mine, *_ = cell_step(cell, inputs, mine, self._low(weights.recurrent), weights.recurrent_gain)
            outputs = mine[0] + outputs if layer >= 3 else mine[0]
            new_state += mine
        return outputs, attention, tuple(new_state)


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

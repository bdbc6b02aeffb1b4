"""The recurrent model: encoder and attending decoder around the loops of recurrent.py and decoder_loop.py."""

import keras
import numpy as np
from keras import ops

from mtkit.model.attention import MASKED, SourceMemory
from mtkit.model.attentions import attention_kind
from mtkit.model.base import TranslationModel, size
from mtkit.model.cells import CELLS, cell_step
from mtkit.model.decoder import Decoder, DecoderKind, DecoderState, DecoderWeights
from mtkit.model.decoder_loop import run_decoder
from mtkit.model.product import Affine, normalise, product
from mtkit.model.recurrent import CellWeights, run_cell
from mtkit.settings.train import ModelSettings
from mtkit.text.special import PAD_ID

# Target tokens that a source position is good for, at most (Tu et al. 2016, arXiv:1601.04811).
MOST_FERTILE = 2.0


class RecurrentModel(TranslationModel):
    """An attention sequence-to-sequence model of LSTM or GRU cells; see `TranslationModel`.

    Shape letters: M width of the encoder, D width of the decoder state, G width of the gates.
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
        self.cell = CELLS[settings.cell]
        self.kind = DecoderKind(self.cell, attention_kind(settings.attention), settings.scale_attention)
        # In this order always: what a weight begins with depends on how many were made before it.
        self.encoder_cells = self._new_encoder()
        self.bridges = [self._new_bridge(f"bridge_{state}") for state in range(self.cell.states)]
        self._add_decoder()
        self.upper_cells = [
            self._new_cell(f"decoder_{layer}", settings.embedding_width, settings.embedding_width)
            for layer in range(2, settings.decoder_layers + 1)
        ]

    # Weights.

    def _new_encoder(self) -> list[CellWeights]:
        """The first layer forward and backward, then those above."""
        embedding, memory = self.settings.embedding_width, self.settings.encoder_width
        first = [
            self._new_cell(f"encoder_1_{direction}", embedding, memory // 2)
            for direction in ("forward", "backward")
        ]
        layers = range(2, self.settings.encoder_layers + 1)
        return first + [self._new_cell(f"encoder_{layer}", memory, memory) for layer in layers]

    def _new_bridge(self, name: str) -> Affine:
        """From the encoder's summary to one of the decoder's first states."""
        memory, width = self.settings.encoder_width, self.settings.decoder_width
        return Affine(self.new_matrix(name, memory, width), self.new_vector(f"{name}_bias", width))

    def _add_decoder(self) -> None:
        """The layer that attends."""
        settings = self.settings
        embedding, memory, width = settings.embedding_width, settings.encoder_width, settings.decoder_width
        self.decoder_cell = self._new_cell("decoder_1", embedding, width)
        self.feed = self.readout_context = self.keys = self.fertility = None
        if settings.input_feeding:
            self.feed = self.new_matrix("decoder_feed", embedding, self.cell.gates * width)
        attention = self.kind.attention.new_weights(self) if self.attends else {}
        self.keys = attention.pop("keys", None)
        self.attention_weights = attention
        if settings.coverage:
            self.fertility = Affine(
                self.new_matrix("fertility", memory, 1), self.new_vector("fertility_bias", 1)
            )
        self.readout_state = self.new_matrix("readout_state", width, embedding)
        if self.attends:
            self.readout_context = self.new_matrix("readout_context", memory, embedding)

    def _new_cell(self, name: str, inputs: int, width: int) -> CellWeights:
        """The weights of a recurrent layer; the LSTM's forget gate starts open."""
        gates = self.cell.gates * width
        bias = np.zeros(gates, np.float32)
        if self.settings.cell == "lstm":
            bias[width : 2 * width] = 1.0
        orthogonal = self.new_initializer(lambda seed: keras.initializers.Orthogonal(seed=seed))
        weights = CellWeights(
            self.new_matrix(f"{name}_input", inputs, gates),
            self.add_weight(name=f"{name}_recurrent", shape=(width, gates), initializer=orthogonal),
            self.add_weight(
                name=f"{name}_bias", shape=(gates,), initializer=keras.initializers.Constant(bias)
            ),
        )
        if not self.settings.layer_norm:
            return weights
        gains = {
            gain: self.add_weight(name=f"{name}_{gain}", shape=(gates,), initializer="ones")
            for gain in ("input_gain", "recurrent_gain")
        }
        return weights._replace(**gains)

    def decoder_weights(self, dtype: str) -> DecoderWeights:
        """The weights of the decoder loop, matrices in a dtype and vectors in float32."""
        attention = {name: ops.copy(weight) for name, weight in self.attention_weights.items()}
        return DecoderWeights(
            recurrent=ops.copy(self.decoder_cell.recurrent),
            feed=copied(self.feed),
            readout_state=ops.copy(self.readout_state),
            readout_context=copied(self.readout_context),
            gain=copied(self.decoder_cell.recurrent_gain),
            attention=attention,
        ).in_dtype(dtype)

    # What a family says of itself.

    @property
    def attends(self) -> bool:
        return self.kind.attention is not None

    def multiplications(self) -> tuple[int, int, int]:
        encoder = size(self.keys) + sum(size(cell.inputs, cell.recurrent) for cell in self.encoder_cells)
        cells = (self.decoder_cell, *self.upper_cells)
        decoder = sum(size(cell.inputs, cell.recurrent) for cell in cells)
        decoder += size(*(weight for weight in self.attention_weights.values() if len(weight.shape) == 2))
        decoder += size(self.feed, self.readout_state, self.readout_context, self.output_matrix)
        pairs = self.settings.encoder_width + self.settings.decoder_width if self.attends else 0
        return encoder, decoder, pairs

    # Passes.

    def _run(self, x, cell: CellWeights, training: bool):
        """A recurrent layer over [T, B, I] -> [T, B, D]."""
        return run_cell(
            self.settings.cell,
            self._gate_inputs(x, cell),
            ops.copy(cell.recurrent),
            self.precision,
            copied(cell.recurrent_gain),
            training=training,
        )

    def _gate_inputs(self, x, cell: CellWeights):
        """The part of a cell's gates that comes from its input: [..., I] -> [..., G]."""
        from_input = product(x, self._low(cell.inputs))
        if cell.input_gain is not None:
            from_input = normalise(from_input)[0] * cell.input_gain
        return from_input + cell.bias

    def _run_stack(self, x, cells: list[CellWeights], training: bool):
        """Layers 2 and up over [T, B, M] -> [T, B, M], with residual connections from the third."""
        for layer, cell in enumerate(cells, 2):
            above = self._run(self._dropout(x, self.settings.layer_dropout, training), cell, training)
            x = above + x if layer >= 3 else above
        return x

    def encode(self, source, training=False):
        """Encode sources.

        Args:
            source: int32 [B, S], padded with PAD_ID.

        Returns:
            (memory, first states of the decoder cell, each float32 [B, D]).
        """
        real = ops.transpose(source != PAD_ID)  # [S, B]
        lengths = ops.sum(ops.cast(real, "int32"), axis=0)
        x = self._embed(self.source_embeddings, source, training)  # [S, B, E]
        last = last_index(lengths)
        forward, backward = self._run_both_ways(x, lengths, training)  # each [S, B, M / 2]
        outputs = ops.concatenate([forward, backward], axis=-1)
        if len(self.encoder_cells) == 2:
            summary = ops.concatenate([ops.take(flat(forward), last, axis=0), backward[0]], axis=-1)
        else:
            outputs = self._run_stack(outputs, self.encoder_cells[2:], training)
            summary = ops.take(flat(outputs), last, axis=0)  # [B, M]
        outputs = self._dropout(outputs, self.settings.layer_dropout, training)
        outputs = outputs * ops.cast(real, "float32")[..., None]
        initial = tuple(
            ops.tanh(product(summary, self._low(bridge.matrix)) + bridge.bias) for bridge in self.bridges
        )
        return self._memory(outputs, real), initial

    def _run_both_ways(self, x, lengths, training: bool):
        """The first layer over [S, B, E], forward and backward: each [S, B, M / 2], in the source's order."""
        mirrored = mirror_index(lengths, ops.shape(x)[0])
        forward = self._run(x, self.encoder_cells[0], training)
        backward = self._run(take_positions(x, mirrored), self.encoder_cells[1], training)
        return forward, take_positions(backward, mirrored)

    def _memory(self, outputs, real) -> SourceMemory:
        """What the decoder attends to, of the encoder's outputs [S, B, M] and what is no padding, [S, B]."""
        if not self.attends:
            return SourceMemory()
        values = ops.transpose(outputs, (1, 0, 2))  # [B, S, M]
        keys = self.kind.attention.keys_of(values, None if self.keys is None else self._low(self.keys))
        bias = (1.0 - ops.cast(ops.transpose(real), "float32")) * MASKED
        rate = None
        if self.fertility:
            matrix, shift = self.fertility
            fertility = MOST_FERTILE * ops.sigmoid(product(values, self._low(matrix)) + shift)  # [B, S, 1]
            rate = ops.squeeze(1.0 / fertility, -1)
        return SourceMemory(keys, values, bias, rate)

    def readouts(self, source, target_in, training=False):
        settings = self.settings
        memory, initial = self.encode(source, training)
        x = self._embed(self.target_embeddings, target_in, training)  # [T, B, E]
        inputs = self._gate_inputs(x, self.decoder_cell)
        drop = None
        if training and settings.output_dropout:
            ones = ops.ones((*ops.shape(x)[:2], settings.embedding_width))
            drop = self._dropout(ones, settings.output_dropout, training)
        weights = self.decoder_weights("float32")
        outputs = run_decoder(self.kind, inputs, initial, weights, memory, drop, self.precision)
        return self._run_stack(outputs, self.upper_cells, training)

    # Steps of a search. The state is the feed, coverage if any, and the cells from below to above.

    def start(self, source):
        memory, initial = self.encode(source)
        no_feed = ops.zeros((ops.shape(source)[0], self.settings.embedding_width), "float32")
        coverage = () if memory.rate is None else (ops.zeros_like(memory.rate),)
        upper = (no_feed,) * (len(self.upper_cells) * self.cell.states)
        named = {name: array for name, array in memory._asdict().items() if array is not None}
        return named, (no_feed, *coverage, *initial, *upper)

    def step(self, tokens, state, memory, room=None):
        memory = SourceMemory(**memory)
        feed, *states = state
        coverage = 0.0 if memory.rate is None else states.pop(0)
        cells = in_layers(states, self.cell.states)
        inputs = self._gate_inputs(self._embedded(self.target_embeddings, tokens), self.decoder_cell)
        decoder = Decoder(self.kind, self.decoder_weights(self.precision), memory)
        after = decoder.step(inputs, DecoderState(cells[0], feed, coverage))
        readout, new_cells = self._upper_step(after.state.feed, cells[1:])
        new_coverage = () if memory.rate is None else (after.state.coverage,)
        new_state = (after.state.feed, *new_coverage, *after.state.cell, *new_cells)
        return readout, after.attention if self.attends else None, new_state

    def _upper_step(self, x, cells: list[tuple]):
        """The layers above the one that attends: (outputs [N, E], their new states, one after the other)."""
        states = []
        for layer, (weights, before) in enumerate(zip(self.upper_cells, cells, strict=True), 2):
            hidden = product(before[0], self._low(weights.recurrent))
            after = cell_step(
                self.cell, self._gate_inputs(x, weights), before, hidden, weights.recurrent_gain
            )
            x = after.state[0] + x if layer >= 3 else after.state[0]
            states += after.state
        return x, states


def copied(weight):
    """A weight's value, which a gradient by hand needs; None for none."""
    return None if weight is None else ops.copy(weight)


def in_layers(states: list, count: int) -> list[tuple]:
    """Arrays in tuples of so many."""
    return [tuple(states[first : first + count]) for first in range(0, len(states), count)]


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

"""The Transformer (Vaswani et al. 2017, arXiv:1706.03762): layers of attention and feed-forward networks,
without recurrence.

Shape letters: B sentences, S source positions, T target positions, E width of the model, H heads, W = E / H,
F width of the feed-forward layer, N rows of a search, M positions that are attended to.
"""

import math
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from mtkit.model.attention import MASKED
from mtkit.model.base import TranslationModel, size
from mtkit.model.product import layer_norm, product
from mtkit.settings import ModelSettings
from mtkit.text.special import PAD_ID

# Learned positions; those behind are like the last.
LEARNED_POSITIONS = 512
# The longest wave of the sinusoidal positions is this times 2 pi (section 3.5).
LONGEST_WAVE = 10_000.0
# Rates of dropout that can be told apart.
STEPS = 256
ACTIVATIONS = {"relu": ops.relu, "gelu": ops.gelu, "swiglu": None}


class Affine(NamedTuple):
    """x @ matrix + bias: [I, O] and [O]."""

    matrix: object
    bias: object


class Normal(NamedTuple):
    """Layer normalisation: gain and bias, [E]."""

    gain: object
    bias: object


class Attention(NamedTuple):
    """Multi-head attention (section 3.2.2), and the layer normalisation at it.

    Attributes:
        queries: [E, E].
        memory: keys and values side by side, [E, 2E].
        output: [E, E].
    """

    queries: Affine
    memory: Affine
    output: Affine
    normal: Normal

    @property
    def together(self) -> Affine:
        """Queries, keys and values side by side, [E, 3E], for attention of a text to itself."""
        return Affine(
            *(ops.concatenate(pair, axis=-1) for pair in zip(self.queries, self.memory, strict=True))
        )


class FeedForward(NamedTuple):
    """Position-wise feed-forward layer (section 3.3), and the layer normalisation at it.

    Attributes:
        inner: [E, F]; [E, 2F] for swiglu, the gate first (Shazeer 2020, arXiv:2002.05202).
        outer: [F, E].
    """

    inner: Affine
    outer: Affine
    normal: Normal


class Layer(NamedTuple):
    """A layer of the encoder, or with `cross`, attention to the source, of the decoder."""

    self_attention: Attention
    cross: Attention | None
    feed_forward: FeedForward


class TransformerModel(TranslationModel):
    """See `TranslationModel`. The state of a search holds the keys and values of the tokens so far, [N, H, T,
    W] for each layer.
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
        width = settings.embedding_width
        self.source_positions = self.target_positions = None
        if settings.positions == "learned":
            self.source_positions, self.target_positions = (
                self._matrix(f"{side}_positions", LEARNED_POSITIONS, width, spread=width**-0.5)
                for side in ("source", "target")
            )
        self.encoder = [
            self._layer(f"encoder_{number}", False) for number in range(1, settings.encoder_layers + 1)
        ]
        self.decoder = [
            self._layer(f"decoder_{number}", True) for number in range(1, settings.decoder_layers + 1)
        ]
        self.final = (
            [self._normal(side) for side in ("encoder", "decoder")]
            if settings.norm == "pre"
            else [None, None]
        )

    def _layer(self, name: str, with_cross: bool) -> Layer:
        cross = self._attention(f"{name}_cross") if with_cross else None
        return Layer(self._attention(f"{name}_self"), cross, self._feed_forward(name))

    def _attention(self, name: str) -> Attention:
        width = self.settings.embedding_width
        shapes = {"queries": width, "memory": 2 * width, "output": width}
        return Attention(
            *(self._affine(f"{name}_{part}", width, columns) for part, columns in shapes.items()),
            self._normal(name),
        )

    def _feed_forward(self, name: str) -> FeedForward:
        width, inner = self.settings.embedding_width, self.settings.feed_forward_width
        columns = 2 * inner if self.settings.activation == "swiglu" else inner
        affine = self._affine(f"{name}_inner", width, columns), self._affine(f"{name}_outer", inner, width)
        return FeedForward(*affine, self._normal(f"{name}_feed_forward"))

    def _affine(self, name: str, rows: int, columns: int) -> Affine:
        return Affine(self._matrix(name, rows, columns), self._vector(f"{name}_bias", columns))

    def _normal(self, name: str) -> Normal:
        width = self.settings.embedding_width
        return Normal(
            self._vector(f"{name}_norm_gain", width, value="ones"), self._vector(f"{name}_norm_bias", width)
        )

    @property
    def attends(self) -> bool:
        return True

    def multiplications(self) -> tuple[int, int, int]:
        layers = [*self.encoder, *self.decoder]
        own = [
            size(*(one.matrix for part in (layer.self_attention, layer.feed_forward) for one in part[:-1]))
            for layer in layers
        ]
        crosses = [layer.cross for layer in self.decoder]
        encoder = sum(own[: len(self.encoder)]) + size(*(cross.memory.matrix for cross in crosses))
        decoder = sum(own[len(self.encoder) :]) + size(
            *(one.matrix for cross in crosses for one in (cross.queries, cross.output))
        )
        # Attention of a sentence to itself has about as many pairs.
        attention = 2 * self.settings.embedding_width * (len(self.encoder) + 2 * len(self.decoder))
        return encoder, decoder + size(self.output_matrix), attention

    # Parts of a layer.

    def _apply(self, x, affine: Affine):
        return product(x, self._low(affine.matrix)) + affine.bias

    def _sublayer(self, x, normal: Normal, function, training):
        """x and what a function makes of it, normalised before or after (Xiong et al. 2020,
        arXiv:2002.04745).
        """
        settings = self.settings
        made = function(layer_norm(x, *normal) if settings.norm == "pre" else x)
        made = self._dropout(made, settings.layer_dropout, training)
        if training and settings.stochastic_depth:
            shape = (1, ops.shape(x)[1], 1)
            made = keras.random.dropout(
                made, settings.stochastic_depth, noise_shape=shape, seed=self.dropout_seed
            )
        return x + made if settings.norm == "pre" else layer_norm(x + made, *normal)

    def _keys_and_values(self, x, weights: Attention):
        """Keys and values of [S, B, E], each [B, H, S, W]."""
        return self._heads(self._apply(x, weights.memory), 2)

    def _attend(self, queries, keys, values, bias, training):
        """(what the heads say [B, H, T, W], attention [B, H, T, M]).

        Args:
            queries: [B, H, T, W].
            keys, values: [B, H, M, W].
            bias: [B, 1, 1, M] or [T, M].
        """
        scores = ops.matmul(queries * self._width_of_head**-0.5, ops.transpose(keys, (0, 1, 3, 2))) + bias
        attention = ops.softmax(scores, axis=-1)
        kept = self._dropout(attention, self.settings.attention_dropout, training, varied=True)
        return ops.matmul(kept, values), attention

    def _heads(self, x, parts: int):
        """[T, B, parts E] -> parts of [B, H, T, W]; of a step, [N, parts E] -> parts of [N, H, 1, W]."""
        heads, width = self.settings.heads, self._width_of_head
        if len(x.shape) == 2:
            return ops.unstack(ops.reshape(x, (-1, parts, heads, 1, width)), parts, axis=1)
        return ops.unstack(
            ops.transpose(ops.reshape(x, (*ops.shape(x)[:2], parts, heads, width)), (2, 1, 3, 0, 4)), parts
        )

    def _joined(self, found, like):
        """Heads [B, H, T, W] -> [T, B, E], or [N, H, 1, W] -> [N, E], whichever an array is like."""
        if len(like.shape) == 2:
            return ops.reshape(found, (-1, self.settings.embedding_width))
        return ops.reshape(
            ops.transpose(found, (2, 0, 1, 3)), (*ops.shape(like)[:2], self.settings.embedding_width)
        )

    @property
    def _width_of_head(self) -> int:
        return self.settings.embedding_width // self.settings.heads

    def _feed(self, weights: FeedForward, training):
        """[..., E] -> [..., E]."""
        settings = self.settings

        def feed(x):
            inner = self._apply(x, weights.inner)
            if settings.activation == "swiglu":
                gate, inner = ops.split(inner, 2, axis=-1)
                inner = ops.silu(gate) * inner
            else:
                inner = ACTIVATIONS[settings.activation](inner)
            return self._apply(self._dropout(inner, settings.activation_dropout, training), weights.outer)

        return feed

    def _enter(self, embeddings, ids, positions, training):
        """Embeddings of ids [B, T] with their positions, [T, B, E]."""
        places = self.places(ops.arange(ops.shape(ids)[1], dtype="int32"), positions)
        return self._embed(embeddings, ids, training, ops.expand_dims(places, 1))

    def places(self, numbers, positions):
        """What stands for positions int32 [T]: [T, E]."""
        if positions is not None:
            return (
                ops.take(positions, ops.minimum(numbers, LEARNED_POSITIONS - 1), axis=0)
                * self.settings.embedding_width**0.5
            )
        half = self.settings.embedding_width // 2
        rates = np.exp(np.arange(half) * (-math.log(LONGEST_WAVE) / max(1, half - 1))).astype(np.float32)
        angles = ops.expand_dims(ops.cast(numbers, "float32"), -1) * rates
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)

    def _dropout(self, x, rate, training, varied=False):
        """As `TranslationModel._dropout`, in half the time: a random byte for each element, so rates are in
        steps of 1/256.

        Args:
            varied: whether it is never the same at all positions.
        """
        if not training or not rate or (self.settings.variational_dropout and not varied):
            return super()._dropout(x, rate, training)
        shape, cut = ops.shape(x), round(rate * STEPS)
        count = (
            math.prod(shape) if all(isinstance(axis, int) for axis in shape) else ops.prod(ops.stack(shape))
        )
        words = keras.random.randint(
            ((count + 3) // 4, 1), -(2**31), 2**31 - 1, dtype="int32", seed=self.dropout_seed
        )
        kept = ops.reshape(ops.view(words, "uint8"), (-1,))[:count] >= ops.cast(cut, "uint8")
        return x * ops.reshape(ops.cast(kept, "float32") * (STEPS / (STEPS - cut)), shape)

    def _leave(self, x, normal: Normal | None):
        return x if normal is None else layer_norm(x, *normal)

    # Passes.

    def encode(self, source, training=False):
        """int32 [B, S] -> (outputs float32 [S, B, E], bias float32 [B, 1, 1, S]: 0, or MASKED at padding)."""
        bias = ops.cast(source == PAD_ID, "float32")[:, None, None, :] * MASKED
        x = self._enter(self.source_embeddings, source, self.source_positions, training)
        for layer in self.encoder:
            x = self._layer_output(layer, x, bias, training)
        return self._leave(x, self.final[0]), bias

    def readouts(self, source, target_in, training=False):
        outputs, bias = self.encode(source, training)
        x = self._enter(self.target_embeddings, target_in, self.target_positions, training)
        numbers = ops.arange(ops.shape(x)[0])
        future = ops.cast(ops.expand_dims(numbers, 1) < numbers, "float32") * MASKED
        for layer in self.decoder:
            x = self._layer_output(
                layer, x, future, training, (*self._keys_and_values(outputs, layer.cross), bias)
            )
        return self._leave(x, self.final[1])

    def _layer_output(self, layer: Layer, x, bias, training=False, source=None, step=None):
        """[T, B, E] -> [T, B, E], or of a step, [N, E] -> [N, E].

        Args:
            bias: of attention to itself.
            source: keys, values and bias of attention to the source.
            step: see `Step`.
        """

        def attend(x):
            queries, keys, values = self._heads(self._apply(x, layer.self_attention.together), 3)
            if step:
                keys, values = step.with_past(keys, values)
            found, _ = self._attend(queries, keys, values, bias, training)
            return self._apply(self._joined(found, x), layer.self_attention.output)

        def attend_to_source(x):
            (queries,) = self._heads(self._apply(x, layer.cross.queries), 1)
            found, attention = self._attend(queries, *source, training)
            if step:
                step.attention.append(attention)
            return self._apply(self._joined(found, x), layer.cross.output)

        x = self._sublayer(x, layer.self_attention.normal, attend, training)
        if layer.cross:
            x = self._sublayer(x, layer.cross.normal, attend_to_source, training)
        return self._sublayer(
            x, layer.feed_forward.normal, self._feed(layer.feed_forward, training), training
        )

    def start(self, source):
        outputs, bias = self.encode(source)
        memory = {"bias": bias}
        for number, layer in enumerate(self.decoder):
            memory[f"keys_{number}"], memory[f"values_{number}"] = self._keys_and_values(outputs, layer.cross)
        empty = ops.zeros((ops.shape(source)[0], self.settings.heads, 0, self._width_of_head), "float32")
        return memory, (empty,) * (2 * len(self.decoder))

    def step(self, tokens, state, memory, room=None):
        length, bias = ops.shape(state[0])[2], 0.0
        if room is not None:
            bias = ops.cast(ops.arange(length + 1) < room, "float32") * MASKED
            length -= room
        x = self._embedded(self.target_embeddings, tokens) + self.places(
            ops.reshape(length, (1,)), self.target_positions
        )
        step = Step(list(state))
        for number, layer in enumerate(self.decoder):
            source = memory[f"keys_{number}"], memory[f"values_{number}"], memory["bias"]
            x = self._layer_output(layer, x, bias, source=source, step=step)
        attention = step.attention[self.settings.alignment_layer - 1][:, :, 0, :]
        head = self.settings.alignment_head
        attention = attention[:, head - 1] if head else ops.mean(attention, axis=1)
        return self._leave(x, self.final[1]), attention, tuple(step.after)


class Step:
    """What a step of decoding reads and leaves, layer by layer.

    Attributes:
        before: keys and values of the tokens before, in turn, for the layers to come.
        after: with those of this token, for the layers done.
        attention: to the source, for the layers done.
    """

    def __init__(self, before: list):
        self.before, self.after, self.attention = before, [], []

    def with_past(self, *own):
        """Keys and values of a layer, [N, H, 1, W], behind those of the tokens before."""
        together = [ops.concatenate([self.before.pop(0), new], axis=2) for new in own]
        self.after += together
        return together

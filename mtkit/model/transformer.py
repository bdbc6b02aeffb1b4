"""The Transformer (Vaswani et al. 2017, arXiv:1706.03762): layers of attention and feed-forward networks.

Shape letters: B sentences, S source positions, T target positions, E width of the model, H heads, W = E / H,
F width of the feed-forward layer, N rows of a search, M positions that are attended to.
"""

import math
from typing import Any, NamedTuple

import keras
from keras import ops

from mtkit.model.attention import MASKED
from mtkit.model.base import TranslationModel, size
from mtkit.model.positions import Places, positions_kind
from mtkit.model.product import Affine, layer_norm, product
from mtkit.model.transformer_weights import FeedForward, Layer, MultiHead, Normal, own_size
from mtkit.settings.train import ModelSettings
from mtkit.text.special import PAD_ID

# Rates of dropout that can be told apart.
STEPS = 256
ACTIVATIONS = {"relu": ops.relu, "gelu": ops.gelu, "swiglu": None}


class SourceParts(NamedTuple):
    """What a decoder layer attends to in the source.

    Attributes:
        keys, values: [B, H, S, W].
        bias: [B, 1, 1, S], 0, or MASKED at padding.
    """

    keys: Any
    values: Any
    bias: Any


class TransformerModel(TranslationModel):
    """See `TranslationModel`.

    The state of a search holds the keys and values of the tokens so far, [N, H, T, W], for each layer.
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
        self.positions = positions_kind(settings.positions)(self)
        self.encoder = [
            self._new_layer(f"encoder_{number}", with_cross=False)
            for number in range(1, settings.encoder_layers + 1)
        ]
        self.decoder = [
            self._new_layer(f"decoder_{number}", with_cross=True)
            for number in range(1, settings.decoder_layers + 1)
        ]
        self.final = [None, None]
        if settings.norm == "pre":
            self.final = [self._new_normal("encoder"), self._new_normal("decoder")]

    # Weights.

    def _new_layer(self, name: str, *, with_cross: bool) -> Layer:
        cross = self._new_attention(f"{name}_cross") if with_cross else None
        attention = self._new_attention(f"{name}_self")
        attention = attention._replace(positions=self.positions.new_in_layer(f"{name}_self"))
        return Layer(attention, cross, self._new_feed_forward(name))

    def _new_attention(self, name: str) -> MultiHead:
        width = self.settings.embedding_width
        return MultiHead(
            queries=self._new_affine(f"{name}_queries", width, width),
            memory=self._new_affine(f"{name}_memory", width, 2 * width),
            output=self._new_affine(f"{name}_output", width, width),
            normal=self._new_normal(name),
        )

    def _new_feed_forward(self, name: str) -> FeedForward:
        width, inner = self.settings.embedding_width, self.settings.feed_forward_width
        columns = 2 * inner if self.settings.activation == "swiglu" else inner
        return FeedForward(
            inner=self._new_affine(f"{name}_inner", width, columns),
            outer=self._new_affine(f"{name}_outer", inner, width),
            normal=self._new_normal(f"{name}_feed_forward"),
        )

    def _new_affine(self, name: str, rows: int, columns: int) -> Affine:
        return Affine(self.new_matrix(name, rows, columns), self.new_vector(f"{name}_bias", columns))

    def _new_normal(self, name: str) -> Normal:
        width = self.settings.embedding_width
        gain = self.new_vector(f"{name}_norm_gain", width, value="ones")
        return Normal(gain, self.new_vector(f"{name}_norm_bias", width))

    # What a family says of itself.

    @property
    def attends(self) -> bool:
        return True

    def multiplications(self) -> tuple[int, int, int]:
        encoder = sum(own_size(layer) for layer in self.encoder)
        decoder = sum(own_size(layer) for layer in self.decoder) + size(self.output_matrix)
        for layer in self.decoder:
            encoder += size(layer.cross.memory.matrix)
            decoder += size(layer.cross.queries.matrix, layer.cross.output.matrix)
        # Attention of a sentence to itself has about as many pairs.
        attention = 2 * self.settings.embedding_width * (len(self.encoder) + 2 * len(self.decoder))
        return encoder, decoder, attention

    # Parts of a layer.

    def _apply(self, x, affine: Affine):
        return product(x, self._low(affine.matrix)) + affine.bias

    def _before(self, x, normal: Normal):
        """What a sublayer reads: x, normalised if that comes first (Xiong et al. 2020, arXiv:2002.04745)."""
        return layer_norm(x, *normal) if self.settings.norm == "pre" else x

    def _after(self, x, added, normal: Normal, training):
        """x with what a sublayer adds, normalised unless that came before."""
        settings = self.settings
        added = self._dropout(added, settings.layer_dropout, training)
        if training and settings.stochastic_depth:
            shape = (1, ops.shape(x)[1], 1)
            added = keras.random.dropout(
                added, settings.stochastic_depth, noise_shape=shape, seed=self.dropout_seed
            )
        return x + added if settings.norm == "pre" else layer_norm(x + added, *normal)

    def _keys_and_values(self, x, weights: MultiHead):
        """Keys and values of [S, B, E], each [B, H, S, W]."""
        return self._heads(self._apply(x, weights.memory), 2)

    def _attend(self, queries, keys, values, bias, training):
        """Scaled dot-product attention (section 3.2.1).

        Args:
            queries: [B, H, T, W].
            keys, values: [B, H, M, W].
            bias: what can be added to [B, H, T, M].

        Returns:
            (what the heads say [B, H, T, W], attention [B, H, T, M]).
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
        split = ops.reshape(x, (*ops.shape(x)[:2], parts, heads, width))
        return ops.unstack(ops.transpose(split, (2, 1, 3, 0, 4)), parts)

    def _joined(self, heads, like):
        """Heads [B, H, T, W] -> [T, B, E], or [N, H, 1, W] -> [N, E], whichever an array is like."""
        width = self.settings.embedding_width
        if len(like.shape) == 2:
            return ops.reshape(heads, (-1, width))
        return ops.reshape(ops.transpose(heads, (2, 0, 1, 3)), (*ops.shape(like)[:2], width))

    @property
    def _width_of_head(self) -> int:
        return self.settings.embedding_width // self.settings.heads

    def _feed_forward(self, x, weights: FeedForward, training):
        """[..., E] -> [..., E]."""
        settings = self.settings
        inner = self._apply(x, weights.inner)
        if settings.activation == "swiglu":
            gate, inner = ops.split(inner, 2, axis=-1)
            inner = ops.silu(gate) * inner
        else:
            inner = ACTIVATIONS[settings.activation](inner)
        return self._apply(self._dropout(inner, settings.activation_dropout, training), weights.outer)

    def _enter(self, side, embeddings, ids, training):
        """Embeddings of ids [B, T] of a side with their positions, [T, B, E]."""
        rows, length = ops.shape(ids)
        numbers = ops.expand_dims(ops.arange(length, dtype="int32"), 1)  # [T, 1]
        if training:
            numbers = self.positions.moved(numbers, rows)
        return self._embed(embeddings, ids, training, self.positions.added(side, numbers))

    def _dropout(self, x, rate, training, varied=False):
        """As `TranslationModel._dropout`, in half the time: a random byte an element, rates in 256ths.

        Args:
            varied: whether it is never the same at all positions.
        """
        if not training or not rate or (self.settings.variational_dropout and not varied):
            return super()._dropout(x, rate, training)
        shape, cut = ops.shape(x), round(rate * STEPS)
        known = all(isinstance(axis, int) for axis in shape)
        count = math.prod(shape) if known else ops.prod(ops.stack(shape))
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
        x = self._enter("source", self.source_embeddings, source, training)
        numbers = ops.arange(ops.shape(x)[0])
        places = Places(numbers, numbers)
        for layer in self.encoder:
            x = self._layer_output(layer, x, bias, places, training)
        return self._leave(x, self.final[0]), bias

    def readouts(self, source, target_in, training=False):
        outputs, bias = self.encode(source, training)
        x = self._enter("target", self.target_embeddings, target_in, training)  # [T, B, E]
        numbers = ops.arange(ops.shape(x)[0])
        places = Places(numbers, numbers)
        future = ops.cast(places.distances > 0, "float32") * MASKED  # [T, T]
        for layer in self.decoder:
            parts = SourceParts(*self._keys_and_values(outputs, layer.cross), bias)
            x = self._layer_output(layer, x, future, places, training, parts)
        return self._leave(x, self.final[1])

    def _layer_output(self, layer: Layer, x, bias, places: Places, training=False, source=None, cache=None):
        """[T, B, E] -> [T, B, E], or of a step, [N, E] -> [N, E].

        Args:
            bias, places: of attention to itself.
            source: `SourceParts`, of a decoder's layer.
            cache: `StepCache`, of a step.
        """
        weights = layer.self_attention
        read = self._before(x, weights.normal)
        queries, keys, values = self._heads(self._apply(read, weights.together), 3)
        queries, keys = (self.positions.turned(part, places.queries) for part in (queries, keys))
        if cache:
            keys, values = cache.with_past(keys, values)
        bias = self.positions.biased(bias, queries, weights.positions, places)
        heads, _ = self._attend(queries, keys, values, bias, training)
        x = self._after(x, self._apply(self._joined(heads, x), weights.output), weights.normal, training)
        if layer.cross:
            x = self._attend_to_source(layer.cross, x, source, training, cache)
        read = self._before(x, layer.feed_forward.normal)
        added = self._feed_forward(read, layer.feed_forward, training)
        return self._after(x, added, layer.feed_forward.normal, training)

    def _attend_to_source(self, weights: MultiHead, x, source: SourceParts, training, cache):
        """The sublayer between the other two; see `_layer_output`."""
        (queries,) = self._heads(self._apply(self._before(x, weights.normal), weights.queries), 1)
        heads, attention = self._attend(queries, *source, training)
        if cache:
            cache.attention.append(attention)
        return self._after(x, self._apply(self._joined(heads, x), weights.output), weights.normal, training)

    def start(self, source):
        outputs, bias = self.encode(source)
        memory = {"bias": bias}
        for number, layer in enumerate(self.decoder):
            memory[f"keys_{number}"], memory[f"values_{number}"] = self._keys_and_values(outputs, layer.cross)
        empty = ops.zeros((ops.shape(source)[0], self.settings.heads, 0, self._width_of_head), "float32")
        return memory, (empty,) * (2 * len(self.decoder))

    def step(self, tokens, state, memory, room=None):
        length, bias = ops.shape(state[0])[2], 0.0
        numbers = ops.arange(length + 1)
        if room is not None:
            bias = ops.cast(numbers < room, "float32") * MASKED
            numbers, length = numbers - room, length - room
        places = Places(ops.reshape(length, (1,)), numbers)
        x = self._embedded(self.target_embeddings, tokens)  # [N, E]
        added = self.positions.added("target", places.queries)
        if added is not None:
            x = x + added
        cache = StepCache(list(state))
        for number, layer in enumerate(self.decoder):
            source = SourceParts(memory[f"keys_{number}"], memory[f"values_{number}"], memory["bias"])
            x = self._layer_output(layer, x, bias, places, source=source, cache=cache)
        attention = cache.attention[self.settings.alignment_layer - 1][:, :, 0, :]  # [N, H, S]
        head = self.settings.alignment_head
        attention = attention[:, head - 1] if head else ops.mean(attention, axis=1)
        return self._leave(x, self.final[1]), attention, tuple(cache.after)


class StepCache:
    """What a step of decoding reads and leaves, layer by layer.

    Attributes:
        before: keys and values of the tokens before, in turn, for the layers to come.
        after: with those of this token, for the layers done.
        attention: to the source, for the layers done.
    """

    def __init__(self, before: list):
        self.before, self.after, self.attention = before, [], []

    def with_past(self, *parts):
        """Keys and values of a layer, each [N, H, 1, W], behind those of the tokens before."""
        together = [ops.concatenate([self.before.pop(0), part], axis=2) for part in parts]
        self.after += together
        return together

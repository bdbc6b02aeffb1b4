"""Scores that are a product of the decoder state and the keys (Luong et al. 2015, arXiv:1508.04025, 3.1):

    dot       h_t . m_s                         general   h_t . (m_s Wk)

For shape letters see attention.py.
"""

from keras import ops

from mtkit.errors import SettingsError
from mtkit.model.attention import Attention, KeyGradient, ScoreGradient, over_steps
from mtkit.model.base import TranslationModel
from mtkit.settings.train import ModelSettings


class GeneralAttention(Attention):
    """See `Attention`. Its only weights make the keys, A = D."""

    @classmethod
    def new_weights(cls, model: TranslationModel) -> dict:
        settings = model.settings
        return {"keys": model.new_matrix("attention_keys", settings.encoder_width, settings.decoder_width)}

    def scores(self, h, coverage):
        return ops.squeeze(ops.matmul(self.memory.keys, ops.expand_dims(h, -1)), -1), {}

    def scores_backward(self, dscores, h, kept) -> ScoreGradient:
        dh = ops.squeeze(ops.matmul(ops.expand_dims(dscores, 1), self.memory.keys), 1)
        return ScoreGradient(dh, 0.0, (), {})

    def finish(self, states, kept, produced, sums, dtype) -> KeyGradient:
        return KeyGradient(over_steps(produced["scores"], states), {})


class DotAttention(GeneralAttention):
    """See `Attention`. The keys are the values, and nothing is learnt."""

    @classmethod
    def check(cls, settings: ModelSettings) -> None:
        if settings.encoder_width != settings.decoder_width:
            raise SettingsError(
                "attention dot multiplies encoder and decoder states: encoder_width and decoder_width must be"
                f" equal. Received: {settings.encoder_width} and {settings.decoder_width}"
                " (attention general has no such limit)"
            )

    @classmethod
    def new_weights(cls, model: TranslationModel) -> dict:
        return {}

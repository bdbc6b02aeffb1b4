"""How much arithmetic the model needs: operations in matrix products, two for each multiplication and
addition.
"""

from mtkit.model.base import TranslationModel

# A training step makes each product of the forward pass, and in the backward pass two of the same size.
TRAINING_PASSES = 3


def forward_flops(
    model: TranslationModel, source_tokens: int, target_tokens: int, position_pairs: int
) -> float:
    """Operations of a forward pass.

    Args:
        source_tokens, target_tokens: real tokens, END_ID included.
        position_pairs: source tokens times target tokens, summed over the sentences.
    """
    by_source, by_target, by_pair = model.multiplications()
    return 2.0 * (by_source * source_tokens + by_target * target_tokens + by_pair * position_pairs)

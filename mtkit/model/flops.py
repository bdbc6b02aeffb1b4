"""How much arithmetic the model needs: operations in matrix products, two for each multiplication and addition."""

from mtkit.model.build import Seq2Seq

# A training step makes each product of the forward pass, and in the backward pass two of the same size.
TRAINING_PASSES = 3


def forward_flops(model: Seq2Seq, source_tokens: int, target_tokens: int, position_pairs: int) -> float:
    """Operations of a forward pass.

    Args:
        source_tokens, target_tokens: real tokens, END_ID included.
        position_pairs: source tokens times target tokens, summed over the sentences.
    """
    settings = model.settings
    encoder = sum(size(matrix) for cell in model.encoder_cells for matrix in cell[:2]) + size(model.keys)
    decoder = sum(size(matrix) for cell in (model.decoder_cell, *model.upper_cells) for matrix in cell[:2])
    decoder += sum(map(size, (model.feed, model.query, model.readout_state, model.readout_context, model.output_matrix)))
    attention = 0 if settings.attention == "none" else settings.encoder_width + settings.decoder_width
    return 2.0 * (encoder * source_tokens + decoder * target_tokens + attention * position_pairs)


def size(matrix) -> int:
    """Numbers in a matrix; 0 for one that the model has not."""
    return 0 if matrix is None else int(matrix.shape[0]) * int(matrix.shape[1])

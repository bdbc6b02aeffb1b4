"""A learned vector for each distance (Shaw et al. 2018, arXiv:1803.02155)."""

from keras import ops

from mtkit.model.positions import Positions

# Keys that stand farther away than this are like those that stand so far (k in section 3.2).
FARTHEST = 16


class RelativePositions(Positions):
    """Keys with the vector of their distance (eq. 4), which all heads of a layer share.

    The paper has vectors for values too (eq. 3), and finds that they add nothing (table 3).
    """

    def new_in_layer(self, name):
        return self.model.new_matrix(f"{name}_distances", 2 * FARTHEST + 1, self._width_of_head)

    def biased(self, bias, queries, weights, places):
        rows = ops.clip(places.distances, -FARTHEST, FARTHEST) + FARTHEST
        vectors = ops.take(weights, rows, axis=0)  # [T, M, W]
        return bias + ops.einsum("bhtw,tmw->bhtm", queries * self._width_of_head**-0.5, vectors)

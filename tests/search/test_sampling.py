"""Which token is drawn."""

import numpy as np

from mtkit.search.sampling import draw


def test_draw_by_hand():
    scores, ids = np.log([[0.5, 0.3, 0.2]]), np.array([[1, 2, 3]])

    def columns(numbers, top_p, ids=ids):
        return [int(draw(scores, ids, np.array([number]), top_p)[0]) for number in numbers]

    assert columns((0.0, 0.49, 0.51, 0.79, 0.81, 0.999), 1.0) == [0, 0, 1, 1, 2, 2]
    assert columns((0.0, 0.62, 0.63, 0.999), 0.6) == [0, 0, 1, 1]
    assert columns((0.999,), 0.5) == [0]
    # Summed in the order of the ids, whatever the order of the columns.
    assert columns((0.0, 0.19, 0.21, 0.69, 0.71, 0.999), 1.0, np.array([[2, 3, 1]])) == [2, 2, 0, 0, 1, 1]
    assert columns((0.0, 0.37, 0.38, 0.999), 0.6, np.array([[3, 2, 1]])) == [1, 1, 0, 0]

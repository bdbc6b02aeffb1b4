"""Batches of pairs: each pair once a pass; long lines take as much room as memory."""

import numpy as np
import pytest

from mtkit.data.batching import Batches
from mtkit.data.passes import ATTENTION_TOKENS, LONG_TOKENS, room
from mtkit.data.store import CorpusWriter, TokenCorpus


def test_room_by_hand():
    source, target = [20, 256, 3, 511, 1023], [30, 4, 256, 511, 10]
    assert (LONG_TOKENS, ATTENTION_TOKENS) == (256, 512)
    # The end is counted. 512 tokens, and as much for attention; 1,024, and four times as much.
    expected = [31, 5, 257, 512 + 512, 1024 + 2048]
    lengths = {"source": np.array(source, np.int32), "target": np.array(target, np.int32)}
    assert room(lengths).tolist() == expected
    assert lengths["target"].tolist() == target


@pytest.mark.parametrize("with_long_lines", [False, True])
def test_no_batch_takes_more_room_than_there_is(tmp_path, with_long_lines):
    random = np.random.default_rng(1)
    lengths = random.integers(1, 200, (400, 2))
    lengths[:100] *= 5 if with_long_lines else 1
    writer = CorpusWriter(tmp_path, 500)
    # The first token tells which pair it is.
    sides = ([[4 + number] + [3] * int(more) for number, more in enumerate(side)] for side in lengths.T)
    writer.append(*sides)
    writer.close()
    batches = Batches(TokenCorpus(tmp_path), 1500, 1)
    for number in range(2):
        seen = []
        for step in range(number * batches.per_epoch, (number + 1) * batches.per_epoch):
            batch = batches.batch(step)
            rows, longest = len(batch.source), max(batch.source.shape[1], batch.target_in.shape[1])
            seen += batch.source[:, 0].tolist()
            if longest > LONG_TOKENS + 1:
                assert rows == 1 or rows * longest * (1 + longest / ATTENTION_TOKENS) <= 1500 + rows
            assert batch.target_in.size <= 1500
        assert sorted(seen) == list(range(4, 404))

"""What holds for every family of models, each on a model of its own: V tokens, sentences to be copied."""

import numpy as np

from mtkit.data.batching import Batch
from mtkit.engines.step_engine import EngineStep, StepEngine
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.search.beam import beam_search
from mtkit.search.open_hypotheses import Limits
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.text.special import BEGIN_ID, END_ID, PAD_ID
from mtkit.training.tensorflow_step import TensorflowStep

V = 20
# A Transformer that is built and traced quickly.
TINY_TRANSFORMER = ModelSettings(
    preset="tiny",
    model="transformer",
    embedding_width=8,
    feed_forward_width=12,
    heads=2,
    encoder_layers=2,
    decoder_layers=2,
    embedding_dropout=0.0,
    layer_dropout=0.0,
    attention_dropout=0.0,
    activation_dropout=0.0,
)


def copy_batch(seed, rows=16, length=4):
    """Sentences of random tokens, to be copied."""
    ids = np.random.default_rng(seed).integers(4, V, (rows, length)).astype(np.int32)
    begin, end = np.full((rows, 1), BEGIN_ID, np.int32), np.full((rows, 1), END_ID, np.int32)
    return Batch(np.hstack([ids, end]), np.hstack([begin, ids]), np.hstack([ids, end]))


def trains_and_translates(net, steps, rate):
    step = TensorflowStep(net, TrainSettings(average_decay=0.0))
    losses = [float(step.update([copy_batch(number % 2)], number, rate)[0]) for number in range(steps)]
    assert losses[-1] < 0.8 * losses[0]
    engine = StepEngine(TensorflowFunctions(net))
    found = beam_search(
        EngineStep(engine, 3), engine.start(copy_batch(0, rows=3).source), 3, Limits(np.full(3, 6))
    )
    assert all(hypotheses and len(hypotheses[0].ids) <= 6 for hypotheses in found)


def learns_to_copy(net, steps, rate):
    step = TensorflowStep(net, TrainSettings(average_decay=0.0, label_smoothing=0.0))
    for number in range(steps):
        step.update([copy_batch(number, rows=32)], number, rate)
    engine = StepEngine(TensorflowFunctions(net))
    test = copy_batch(10_000, rows=20)
    found = beam_search(EngineStep(engine, 1), engine.start(test.source), 1, Limits(np.full(20, 8)))
    right = sum(
        hypotheses[0].ids == tuple(row[:-1]) for hypotheses, row in zip(found, test.source, strict=True)
    )
    assert right >= 17


def padding_changes_nothing(net):
    batch = copy_batch(3, rows=2)
    pad = np.full((2, 3), PAD_ID, np.int32)
    plain = net((batch.source, batch.target_in)).numpy()
    padded = net((np.hstack([batch.source, pad]), np.hstack([batch.target_in, pad]))).numpy()
    np.testing.assert_allclose(padded[:, : plain.shape[1]], plain, atol=1e-5)


def steps_equal_the_whole(net):
    """Decoding steps and the teacher-forced pass; attention is a distribution, where there is any."""
    batch = copy_batch(4, rows=3)
    whole = net((batch.source, batch.target_in)).numpy()
    memory, state = net.start(batch.source)
    for position in range(batch.target_in.shape[1]):
        readout, attention, state = net.step(batch.target_in[:, position], state, memory)
        np.testing.assert_allclose(net.logits(readout), whole[:, position], atol=1e-5)
        assert (attention is not None) == net.attends
        if net.attends:
            np.testing.assert_allclose(attention.numpy().sum(axis=1), 1.0, atol=1e-5)

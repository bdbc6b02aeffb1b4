"""What training shows on a terminal."""

from mtkit.training.display import show_example
from tests.support.listener import Listener


def test_an_example_does_nothing_to_a_terminal():
    """An untrained model says any bytes."""
    listener = Listener()
    show_example(listener, "a", "b", "c\x1b[2Jd\x0c")
    assert listener.said == ["  source      a\n  reference   b\n  hypothesis  c [2Jd \n"]

"""What tests of training share."""

import pytest

from tests.support.numbers import prepare_numbers


@pytest.fixture
def prepared(tmp_path):
    """A checkpoint directory that is ready for training."""
    return prepare_numbers(tmp_path)

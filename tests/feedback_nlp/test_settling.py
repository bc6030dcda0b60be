from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from feedback_nlp.settling import settle


class Model:
    """Holds itself, so that only the garbage collector can free it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def unsettled() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_no_longer_looked_at_by_the_collector() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_a_model_that_was_replaced_is_freed_when_the_next_has_settled() -> None:
    model = Model()
    gone = weakref.ref(model)
    settle()
    del model
    gc.collect()
    assert gone() is not None, "set aside"
    settle()
    assert gone() is None

"""What goes into the folder that is served."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback_nlp.encoder import EncoderOutput
from training.adapt.publish import WHITENING_TEXTS, whitening_of


@dataclass
class DrawnEncoder:
    """Places every text anywhere, and keeps which ones it read."""

    read: list[str] = field(default_factory=list)
    version: str = "drawn"
    digest: str = "sha256:drawn"
    columns: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    def encode(self, texts: Sequence[str]) -> EncoderOutput:
        self.read += texts
        embedding = np.random.default_rng(0).normal(size=(len(texts), 4)).astype(np.float32)
        return EncoderOutput(embedding, np.zeros((len(texts), 0), np.float32), (), ())

    def points(self, texts: Sequence[str]) -> NDArray[np.float64]:
        raise NotImplementedError


@pytest.mark.parametrize("texts", [50, WHITENING_TEXTS, 3 * WHITENING_TEXTS + 100])
def test_embeddings_are_brought_apart_by_texts_from_the_whole_of_the_data(texts: int) -> None:
    encoder = DrawnEncoder()
    whitening = whitening_of(encoder, [str(number) for number in range(texts)])
    read = [int(text) for text in encoder.read]

    assert min(texts, WHITENING_TEXTS) <= len(read) < 2 * WHITENING_TEXTS
    assert len({after - before for before, after in itertools.pairwise(read)}) == 1
    assert read[-1] > 0.99 * texts - 5
    assert whitening.matrix.shape == (4, 4)

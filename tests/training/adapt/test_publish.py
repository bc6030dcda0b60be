"""What goes into the folder that is served."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback_nlp.encoder import EncoderOutput, OnnxEncoder
from feedback_nlp.registry import default_models_folder
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.whitening import WHITENING_FILE, Whitening
from training.adapt.out_of_fold import OutOfFold
from training.adapt.publish import WHITENING_TEXTS, whitening_of
from training.corpus import load_corpus
from training.encoded import find_encoder


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


@pytest.mark.slow
def test_the_committed_encoder_is_whitened_by_the_texts_it_was_taught_with() -> None:
    models = default_models_folder()
    encoder = find_encoder(models, Taxonomy.default(), 2, required=True)
    assert isinstance(encoder, OnnxEncoder)
    folder = models / "encoder" / encoder.version
    text = {item.id: item.text for item in load_corpus()}
    taught = [text[str(item)] for item in OutOfFold.load(folder).ids]
    embedding = encoder.encode(taught[:200]).embedding

    stored = Whitening.read((folder / WHITENING_FILE).read_bytes()).points(embedding)
    made = whitening_of(encoder, taught).points(embedding)
    # eigenvectors have no sign of their own: what is the same is how texts lie to each other
    np.testing.assert_allclose(stored @ stored.T, made @ made.T, atol=0.02)

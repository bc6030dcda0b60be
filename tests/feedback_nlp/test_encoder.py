from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_nlp.encoder import OnnxEncoder, TokenTags, document_columns
from feedback_nlp.errors import EncoderError, ModelAlteredError, ModelMismatchError, ModelMissingError

MODELS = Path(__file__).parents[2] / "models" / "encoder"
FOLDERS = sorted(path.parent for path in MODELS.glob("*/manifest.json"))


@pytest.fixture(scope="module")
def folder() -> Path:
    assert FOLDERS, f"no encoder in {MODELS}"
    return FOLDERS[-1]


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder.load(folder)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_any_text_is_read_and_its_tokens_lie_inside_it(encoder: OnnxEncoder, text: str) -> None:
    output = encoder.encode([text])
    tags = output.tokens[0]

    assert np.isfinite(output.document).all()
    assert np.isfinite(output.embedding).all()
    assert (tags.starts >= 0).all()
    assert (tags.ends <= len(text)).all()
    assert (tags.starts <= tags.ends).all()
    assert tags.logits.shape == (len(tags.starts), len(encoder.themes))


def test_offsets_are_code_points_of_the_text_as_it_was_given(encoder: OnnxEncoder) -> None:
    text = "😡😡 Caf\u0065\u0301 “gesloten”\n\n en nie\u200bmand neemt op"
    tags = encoder.encode([text]).tokens[0]

    pieces = [text[a:b] for a, b in zip(tags.starts, tags.ends, strict=True)]
    assert "😡" in pieces[1]
    assert "".join(piece.strip() for piece in pieces if "neem" in piece or piece == "t").startswith("neem")


def test_a_text_reads_the_same_alone_as_among_others(encoder: OnnxEncoder) -> None:
    texts = [
        "Prima!",
        "Ik stond drie kwartier in de wacht en niemand hielp mij verder. " * 3,
        "",
        "snel geregeld",
    ]
    together = encoder.encode(texts)

    for number, text in enumerate(texts):
        alone = encoder.encode([text])
        assert np.array_equal(alone.document[0], together.document[number])
        assert np.array_equal(alone.embedding[0], together.embedding[number])


def test_threads_change_nothing(folder: Path, encoder: OnnxEncoder) -> None:
    texts = ["Te duur.", "Vriendelijk geholpen aan de telefoon", "De app loopt steeds vast"]

    assert np.array_equal(
        OnnxEncoder.load(folder, threads=2).encode(texts).document, encoder.encode(texts).document
    )


def test_a_long_text_is_read_to_its_end(encoder: OnnxEncoder) -> None:
    story = "Het was een gewone dag en ik ging naar de markt. " * 60 + "De premie is veel te hoog."
    output = encoder.encode([story])
    price = encoder.themes.index("kosten")

    assert output.tokens[0].ends[-1] == len(story)
    assert story[output.tokens[0].starts[output.tokens[0].logits[:, price].argmax()] :].count("markt") == 0


def test_an_enormous_text_is_cut_and_not_refused(encoder: OnnxEncoder) -> None:
    output = encoder.encode(["a" * 45_000 + " te duur"])

    assert output.tokens[0].ends[-1] <= 40_000


def test_half_a_surrogate_pair_is_read_as_an_unknown_sign(encoder: OnnxEncoder) -> None:
    assert np.isfinite(encoder.encode(["goed \ud83d geholpen"]).document).all()


def test_no_texts_give_no_rows(encoder: OnnxEncoder) -> None:
    output = encoder.encode([])

    assert output.document.shape == (0, len(encoder.columns))
    assert output.embedding.shape == (0, 384)


def test_what_is_not_a_string_is_named(encoder: OnnxEncoder) -> None:
    with pytest.raises(EncoderError, match="text 1 is int"):
        encoder.encode(["goed", 5])  # type: ignore[list-item]


def test_implicit_complaints_are_negative_and_praise_is_positive(encoder: OnnxEncoder) -> None:
    bad = encoder.encode(["Niemand neemt de telefoon op", "Ik wacht nu al zes weken op antwoord"])
    good = encoder.encode(["Heel vriendelijk geholpen, alles snel geregeld", "Top service, dank jullie wel!"])

    assert (bad.column("sentiment") < 0).all()
    assert (good.column("sentiment") > 0).all()


def test_columns_are_found_by_name_and_by_kind(encoder: OnnxEncoder) -> None:
    output = encoder.encode(["De premie is veel te hoog"])

    assert output.block("theme").shape == (1, len(encoder.themes))
    assert output.column("theme.kosten")[0] == output.block("theme")[0, encoder.themes.index("kosten")]
    with pytest.raises(EncoderError, match=r"no column 'theme\.weer'"):
        output.column("theme.weer")


def test_column_names_follow_the_order_of_the_labels() -> None:
    assert document_columns(["a", "b"], ["s"]) == (
        "theme.a", "theme.b", "peak.a", "peak.b", "mass.a", "mass.b", "polarity.a", "polarity.b", "mixed.a", "mixed.b",
        "sentiment", "nps", "cas", "ces", "signal.s",
    )  # fmt: skip


def test_spans_take_whole_words_and_bridge_one_weak_token() -> None:
    # "niet bereik|baar , ooit": the second word is two tokens
    tags = TokenTags(
        np.array([0, 5, 11, 15, 17], dtype=np.int32),
        np.array([4, 11, 15, 16, 21], dtype=np.int32),
        np.array([[3.0], [-3.0], [3.0], [-3.0], [-3.0]], dtype=np.float32),
    )

    spans = tags.spans(0)

    assert [(span.start, span.end) for span in spans] == [(0, 15)]
    assert 0.5 < spans[0].weight < 1.0


def test_no_token_above_the_threshold_gives_no_span() -> None:
    tags = TokenTags(np.array([0], np.int32), np.array([4], np.int32), np.array([[-2.0]], np.float32))

    assert tags.spans(0) == ()


def test_an_altered_file_is_refused_before_it_is_loaded(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "encoder")
    with (copy / "model.onnx").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelAlteredError, match=r"model\.onnx"):
        OnnxEncoder.load(copy)


@pytest.mark.parametrize("change", ["alter", "remove"])
def test_so_is_its_whitening(folder: Path, tmp_path: Path, change: str) -> None:
    copy = shutil.copytree(folder, tmp_path / "encoder")
    path = copy / "whitening.npz"
    if change == "alter":
        path.write_bytes(path.read_bytes() + b"x")
    else:
        path.unlink()

    with pytest.raises((ModelAlteredError, ModelMissingError), match=r"whitening\.npz"):
        OnnxEncoder.load(copy)


def test_points_are_nearer_the_more_alike_what_texts_are_about(encoder: OnnxEncoder) -> None:
    dirty = ["Het toilet was erg vies.", "Bah, wat een smerige wc."]
    dear = ["Veel te duur.", "Wat een prijs voor zo weinig."]
    alike = (points := encoder.points([*dirty, *dear])) @ points.T

    np.testing.assert_allclose(np.diag(alike), 1.0)
    assert min(alike[0, 1], alike[2, 3]) > alike[:2, 2:].max() + 0.1


def test_an_encoder_without_whitening_says_that_it_has_no_points(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "encoder")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]["whitening.npz"]
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    without = OnnxEncoder.load(copy)

    assert len(without.encode(["Goed geholpen"]).embedding) == 1
    with pytest.raises(EncoderError, match=r"without whitening\.npz"):
        without.points(["Goed geholpen"])


def test_a_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "encoder")
    (copy / "tokenizer.json").unlink()

    with pytest.raises(ModelMissingError, match=r"tokenizer\.json"):
        OnnxEncoder.load(copy)


def test_a_folder_without_a_manifest_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="no encoder"):
        OnnxEncoder.load(tmp_path)


def test_a_later_format_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "encoder")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 99}), encoding="utf-8")

    with pytest.raises(ModelMismatchError, match="99"):
        OnnxEncoder.load(copy)


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")

    with pytest.raises(ModelAlteredError, match="not an encoder's manifest"):
        OnnxEncoder.load(tmp_path)


def test_no_threads_are_refused(folder: Path) -> None:
    with pytest.raises(EncoderError, match="at least 1, got 0"):
        OnnxEncoder.load(folder, threads=0)


def test_the_manifest_vouches_for_every_file_beside_it(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    assert {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}

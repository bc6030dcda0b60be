from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback_nlp.analyzer import MAX_TEXT_LENGTH, FeedbackAnalyzer, check_text
from feedback_nlp.encoder import OnnxEncoder
from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem

if TYPE_CHECKING:
    from training.train import TrainingRun

EXAMPLE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."
SATISFIED = "Super vriendelijk en snel geholpen, heel tevreden, alles was duidelijk. Top!"

ANY_TEXT = st.one_of(
    st.text(st.characters()),  # every code point, halves of surrogate pairs too
    st.text(st.sampled_from("\0 \n\t.,!?aé🙂\u200b\u0301\ufeff\u2028\U000e0001")),
    st.builds(str.__mul__, st.text(min_size=1, max_size=3), st.integers(0, 3_000)),
)
SCORE = st.none() | st.floats(0, 10) | st.integers(0, 10)
ITEMS = st.lists(st.builds(FeedbackItem, text=ANY_TEXT, nps=SCORE, cas=SCORE), max_size=6)


@pytest.fixture(scope="module")
def analyzer(small_model: TrainingRun) -> FeedbackAnalyzer:
    return FeedbackAnalyzer.load(small_model.folder)


def assert_sound(analysis: Analysis, analyzer: FeedbackAnalyzer) -> None:
    assert tuple(theme.code for theme in analysis.themes) == analyzer.taxonomy.theme_codes
    assert tuple(signal.code for signal in analysis.signals) == analyzer.taxonomy.signal_codes
    for theme in analysis.themes:
        assert 0 <= theme.score <= 1
        assert -1 <= theme.polarity <= 1
        assert theme.assigned or not theme.evidence
        for span in theme.evidence:
            assert 0 <= span.start < span.end <= len(analysis.text)
            assert 0 <= span.weight <= 1
    assert -1 <= analysis.sentiment.score <= 1
    advocacy = analysis.advocacy
    assert advocacy.promoter + advocacy.passive + advocacy.detractor == pytest.approx(1)
    for estimate in (advocacy.nps, advocacy.cas):
        assert 0 <= estimate.low <= estimate.high <= 10
        assert 0 <= estimate.value <= 10
    json.dumps(analysis.to_dict(), allow_nan=False, ensure_ascii=False).encode()


@given(ITEMS)
@example([FeedbackItem("")])
@example([FeedbackItem("\0")])
@example([FeedbackItem("niet\0bereikbaar")])
@example([FeedbackItem("\ud800 half"), FeedbackItem("heel")])
@example([FeedbackItem("wachten " * 2_500), FeedbackItem("wachten " * 2_501)])
@example([FeedbackItem("a" * MAX_TEXT_LENGTH), FeedbackItem("." * MAX_TEXT_LENGTH)])
def test_no_text_makes_an_exception_escape_and_evidence_lies_inside_the_text(
    analyzer: FeedbackAnalyzer, items: list[FeedbackItem]
) -> None:
    results = analyzer.analyze_batch(items)
    assert len(results) == len(items)
    for item, result in zip(items, results, strict=True):
        if isinstance(result, TextError):
            with pytest.raises(TextError):
                check_text(item.text)
        else:
            assert result.text == item.text
            assert_sound(result, analyzer)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "text is empty"),
        (" \n\t\u2003", "text is empty"),
        ("x" * (MAX_TEXT_LENGTH + 1), "text is 20,001 characters long; at most 20,000 are analysed"),
        ("ab\udfff", r"text holds U\+DFFF at position 2"),
        (None, "text must be a string, got NoneType"),
    ],
)
def test_a_text_that_cannot_be_analysed_is_told_why(analyzer: FeedbackAnalyzer, text: str, told: str) -> None:
    with pytest.raises(TextError, match=told):
        analyzer.analyze(FeedbackItem(text))


def test_waiting_long_and_being_met_with_understanding_are_told_apart(analyzer: FeedbackAnalyzer) -> None:
    analysis = analyzer.analyze(EXAMPLE)
    found = {theme.code: theme for theme in analysis.assigned_themes}
    assert found["bereikbaarheid"].polarity < 0 < found["empathie"].polarity
    [waited] = found["bereikbaarheid"].evidence
    [understood] = found["empathie"].evidence
    assert "in de wacht" in EXAMPLE[waited.start : waited.end]
    assert "begripvol" in EXAMPLE[understood.start : understood.end]
    assert analysis.language == "nl"


def test_an_item_keeps_its_id_and_is_the_same_alone_as_among_others(analyzer: FeedbackAnalyzer) -> None:
    items = [FeedbackItem(text, id=str(k)) for k, text in enumerate([EXAMPLE, "", "Snel en duidelijk", "?!"])]
    together = analyzer.analyze_batch(items)
    assert isinstance(together[1], TextError)
    for item, result in zip(items, together, strict=True):
        if isinstance(result, Analysis):
            alone = analyzer.analyze(item)
            assert result.id == item.id
            assert alone.to_dict() == result.to_dict()


def test_a_stream_is_read_in_order_and_no_further_than_the_batch(analyzer: FeedbackAnalyzer) -> None:
    read: list[int] = []

    def stream() -> Iterator[str]:
        for number in range(10):
            read.append(number)
            yield f"Snel geholpen {number}"

    results = analyzer.analyze_many(stream(), batch_size=4)
    assert next(results).text == "Snel geholpen 0"
    assert read == [0, 1, 2, 3]
    assert [analysis.text[-1] for analysis in results] == list("123456789")


def test_a_text_in_a_stream_that_cannot_be_analysed_is_named_by_its_place(
    analyzer: FeedbackAnalyzer,
) -> None:
    with pytest.raises(TextError, match="item 3: text is empty"):
        list(analyzer.analyze_many(["goed", "snel", " "], batch_size=2))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (FeedbackItem("I have been waiting for an hour and nobody ever called me back."), "not_dutch: en"),
        (FeedbackItem("!!! 10 :-)"), "too_short"),
        (FeedbackItem("Kwrk plofst vrmbl de xqzt grompf wazzlbrt het knurfel"), "out_of_domain"),
        (FeedbackItem(SATISFIED, nps=0), "score_mismatch: nps 0"),
    ],
)
def test_why_a_person_should_look(analyzer: FeedbackAnalyzer, item: FeedbackItem, reason: str) -> None:
    analysis = analyzer.analyze(item)
    assert analysis.needs_review
    assert any(told.startswith(reason) for told in analysis.to_dict()["review_reasons"])


def test_a_score_that_fits_the_text_is_no_reason(analyzer: FeedbackAnalyzer) -> None:
    analysis = analyzer.analyze(FeedbackItem(SATISFIED, nps=9))
    assert "score_mismatch" not in {reason.code for reason in analysis.review_reasons}


def test_texts_that_say_the_same_lie_near_each_other(analyzer: FeedbackAnalyzer) -> None:
    texts = [
        "Ik stond een half uur in de wacht aan de telefoon.",
        "Aan de telefoon een half uur in de wacht gestaan.",
        "De premie is dit jaar veel te hoog geworden.",
        "Wat is de premie dit jaar hoog geworden zeg.",
    ]
    assert analyzer.encoder is None
    points = analyzer.embed(texts)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1)
    alike = points @ points.T
    assert alike[0, 1] > alike[0, 2]
    assert alike[2, 3] > alike[2, 0]


def test_with_a_sentence_encoder_the_points_are_its_own(small_model: TrainingRun) -> None:
    plain = FeedbackAnalyzer.load(small_model.folder)
    folder = sorted((Path(__file__).parents[2] / "models" / "encoder").glob("*/manifest.json"))[-1].parent
    encoder = OnnxEncoder.load(folder)
    analyzer = FeedbackAnalyzer(plain.manifest, plain._reader, plain._estimators, encoder)
    assert analyzer.encoder is encoder
    (point,) = analyzer.embed(["Heel vriendelijk geholpen"])
    expected = encoder.encode(["Heel vriendelijk geholpen"]).embedding[0]
    assert point == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_labels_can_be_english(small_model: TrainingRun) -> None:
    english = FeedbackAnalyzer.load(small_model.folder, language="en")
    labels = [theme.label for theme in english.analyze(EXAMPLE).themes]
    assert labels == [entry.en for entry in english.taxonomy.themes]


def test_several_threads_get_what_one_gets(analyzer: FeedbackAnalyzer) -> None:
    texts = [f"{EXAMPLE} Nummer {number} woord{number}" for number in range(40)]
    expected = [analysis.to_dict() for analysis in analyzer.analyze_many(texts)]
    got: dict[int, list[dict[str, object]]] = {}

    def work(number: int) -> None:
        got[number] = [analysis.to_dict() for analysis in analyzer.analyze_many(texts, batch_size=7)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [got[number] == expected for number in range(4)] == [True] * 4


def test_no_text_it_learned_from_is_in_the_model(small_model: TrainingRun) -> None:
    from joblib import load

    from training.corpus import CORPUS, load_corpus
    from training.splits import is_test

    learned = [item for item in load_corpus(CORPUS)[::12] if not is_test(item.id)]
    reader = load(small_model.folder / "reader.joblib")
    assert max(len(feature.split()) for feature in reader.features_.vocabulary_) <= 2
    stored = b"".join(path.read_bytes() for path in small_model.folder.iterdir())
    assert not any(item.text.encode() in stored for item in learned if len(item.text.split()) > 3)

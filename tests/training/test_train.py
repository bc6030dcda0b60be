from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import read_manifest
from feedback_nlp.errors import CorpusError, EncoderError
from feedback_nlp.learned import LearnedItems
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import CORPUS, LabelledItem, load_corpus
from training.splits import is_test
from training.train import STEPS, TrainingConfig, corpus_digest, evaluate, train

if TYPE_CHECKING:
    from training.train import TrainingRun

ONE_THREAD = TrainingConfig(n_jobs=1)


@pytest.fixture(scope="module")
def items() -> list[LabelledItem]:
    return load_corpus(CORPUS)[::12]


@pytest.fixture(scope="module")
def few(items: list[LabelledItem]) -> list[LabelledItem]:
    return items[::2]


@pytest.fixture(scope="module")
def trained(
    few: list[LabelledItem], tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainingRun, list[str]]:
    steps: list[str] = []
    return train(few, tmp_path_factory.mktemp("models"), config=ONE_THREAD, progress=steps.append), steps


def test_the_same_data_and_seed_give_the_same_predictions(
    few: list[LabelledItem], trained: tuple[TrainingRun, list[str]], tmp_path: Path
) -> None:
    again = train(few, tmp_path, config=replace(ONE_THREAD, n_jobs=2))
    assert again.metrics["test"]["predictions_digest"] == trained[0].metrics["test"]["predictions_digest"]
    assert again.metrics["cross_validation"] == trained[0].metrics["cross_validation"]
    assert again.manifest.thresholds == trained[0].manifest.thresholds


def test_every_step_is_told_as_it_begins(trained: tuple[TrainingRun, list[str]]) -> None:
    steps = trained[1]
    assert len(steps) <= STEPS
    assert len(set(steps)) == len(steps)
    assert steps[-1] == "judging on the test split"


def test_a_model_loaded_from_its_folder_predicts_what_was_measured(
    small_model: TrainingRun, items: list[LabelledItem]
) -> None:
    analyzer = FeedbackAnalyzer.load(small_model.folder)
    figures = evaluate(analyzer, [item for item in items if is_test(item.id)])
    assert figures == small_model.metrics["test"]


def test_the_folder_tells_what_the_model_is(small_model: TrainingRun, items: list[LabelledItem]) -> None:
    manifest = read_manifest(small_model.folder)
    tested = sum(is_test(item.id) for item in items)
    assert manifest.training["digest"] == corpus_digest(items)
    assert manifest.training["items"] == len(items)
    assert manifest.training["test_items"] == tested == small_model.metrics["test"]["items"]
    assert manifest.training["training_items"] == len(items) - tested
    assert manifest.training["config"] == asdict(TrainingConfig(profile="fast", n_jobs=1))
    assert (manifest.name, manifest.version) == ("feedback-nl", small_model.folder.name)
    assert manifest.metrics["test_macro_f1"] == small_model.metrics["test"]["macro_f1"]
    assert json.loads((small_model.folder / "metrics.json").read_text()) == small_model.metrics
    card = (small_model.folder / "README.md").read_text()
    assert f"# feedback-nl {manifest.version}" in card
    assert "written for this project, not collected from customers" in card
    assert f"{small_model.metrics['test']['macro_f1']['value']:.3f}" in card


def test_a_model_knows_what_it_learned_from_and_what_it_was_judged_with(
    small_model: TrainingRun, items: list[LabelledItem]
) -> None:
    known = LearnedItems.read(small_model.folder)
    assert known is not None
    assert {item.id: known.use_of(item.id) for item in items} == {
        item.id: "judged" if is_test(item.id) else "learned" for item in items
    }
    assert known.use_of("feedback-1") is None


def test_even_a_twelfth_of_the_corpus_teaches_something(small_model: TrainingRun) -> None:
    for split in ("cross_validation", "test"):
        figures = small_model.metrics[split]
        assert figures["macro_f1"]["low"] > 0.25
        assert figures["sentiment_r"]["low"] > 0.2
        assert 0.65 <= figures["nps"]["coverage_80"]["value"] <= 0.95
        assert figures["expected_calibration_error"] < 0.1


def test_the_corpus_digest_is_of_the_items_not_of_their_order(few: list[LabelledItem]) -> None:
    assert corpus_digest(few) == corpus_digest(few[::-1])
    assert corpus_digest(few) != corpus_digest([replace(few[0], nps=(few[0].nps + 1) % 11), *few[1:]])


def test_too_few_items_are_refused(items: list[LabelledItem], tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="items outside the test split are too few; 50 are the least"):
        train(items[:20], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_theme_that_no_item_carries_is_refused(items: list[LabelledItem], tmp_path: Path) -> None:
    without = [item for item in items if "empathie" not in item.themes]
    with pytest.raises(CorpusError, match="no training item carries the theme empathie"):
        train(without, tmp_path)


def test_a_folder_that_exists_is_not_trained_into(items: list[LabelledItem], tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="exists already; choose another folder with --out"):
        train(items, tmp_path, out=tmp_path)


def test_the_accurate_profile_asks_for_the_encoder(few: list[LabelledItem], tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="needs the sentence encoder"):
        train(few, tmp_path, config=TrainingConfig(profile="accurate", n_jobs=1))


def test_items_with_themes_the_model_does_not_know_cannot_judge_it(
    small_model: TrainingRun, items: list[LabelledItem]
) -> None:
    analyzer = FeedbackAnalyzer.load(small_model.folder)
    strange = replace(items[0], themes={"parkeren": 1}, evidence={})
    with pytest.raises(CorpusError, match="the model does not know what the items carry: parkeren"):
        evaluate(analyzer, [strange])
    assert evaluate(analyzer, []) == {"items": 0}


def test_another_organisation_trains_on_its_own_taxonomy(few: list[LabelledItem], tmp_path: Path) -> None:
    data = Taxonomy.default().to_dict()
    data.update(name="ours", themes=data["themes"][:3], signals=data["signals"][:1])
    ours = Taxonomy.from_dict(data)
    own = [
        replace(
            item,
            themes={code: value for code, value in item.themes.items() if code in ours.theme_codes},
            evidence={code: quotes for code, quotes in item.evidence.items() if code in ours.theme_codes},
            signals=tuple(code for code in item.signals if code in ours.signal_codes),
        )
        for item in few
    ]
    run = train(own, tmp_path, taxonomy=ours, config=ONE_THREAD)
    analysis = FeedbackAnalyzer.load(run.folder, taxonomy=ours).analyze("Lang in de wacht gestaan")
    assert tuple(theme.code for theme in analysis.themes) == ours.theme_codes

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.errors import ModelMismatchError
from feedback_nlp.learned import LEARNED, LearnedItems

ids = st.sets(st.text(min_size=1), max_size=8)


@given(ids, ids, ids)
def test_a_list_knows_its_own_items_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, learned: set[str], judged: set[str], others: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("model")
    written = LearnedItems.of(learned, judged - learned)
    (folder / LEARNED).write_text(written.to_json())
    read = LearnedItems.read(folder)
    assert read == written
    assert all(read.use_of(item_id) == "learned" for item_id in learned)
    assert all(read.use_of(item_id) == "judged" for item_id in judged - learned)
    assert all(read.use_of(item_id) is None for item_id in others - learned - judged)


def test_no_id_can_be_read_off_and_two_models_lists_do_not_match() -> None:
    first, second = LearnedItems.of(["feedback-12", "K-2041"]), LearnedItems.of(["feedback-12", "K-2041"])
    assert "feedback" not in first.to_json()
    assert "K-2041" not in first.to_json()
    assert not first.learned & second.learned


def test_a_model_without_a_list_has_none(tmp_path: Path) -> None:
    assert LearnedItems.read(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', json.dumps({"format": 1, "salt": "x"})])
def test_a_list_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / LEARNED).write_text(content)
    with pytest.raises(ModelMismatchError, match=LEARNED):
        LearnedItems.read(tmp_path)

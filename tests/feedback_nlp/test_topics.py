"""New topics among texts that no theme covers. The background is from the project's own, synthetic corpus."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.embedding import unit
from feedback_nlp.encoder import OnnxEncoder
from feedback_nlp.topics import TopicText, emerging_topics
from training.corpus import CORPUS

WHERE = ("bij het kantoor", "op de parkeerplaats", "voor de deur", "bij de ingang")
SAID = (
    "Er is geen laadpaal {}.",
    "De laadpalen {} zijn altijd bezet.",
    "Laadpaal kapot {}",
    "Ik mis een laadpaal {} voor mijn elektrische auto.",
    "Wanneer komen er laadpalen {}?",
)

OTHERWISE_SAID = (
    "Het toilet was erg vies.",
    "De wc's waren niet schoongemaakt.",
    "Vieze toiletten in de hal.",
    "Er was geen wc-papier.",
    "Kunnen de toiletten wat vaker schoongemaakt worden?",
    "Bah, wat een smerige wc.",
    "De sanitaire ruimte rook naar urine.",
    "Het sanitair mag schoner.",
    "Zeep op bij de wc en de vloer was nat.",
)


@cache
def background() -> tuple[str, ...]:
    with CORPUS.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return tuple(row["text"] for row in rows if not row["themes"])


def drawn(seed: int, planted: int = 0) -> list[TopicText]:
    rng = random.Random(seed)
    texts = [TopicText(str(number), text, False) for number, text in enumerate(rng.sample(background(), 400))]
    texts = [TopicText(one.id, one.text, number >= 320) for number, one in enumerate(texts)]
    for number in range(planted):
        text = rng.choice(SAID).format(rng.choice(WHERE))
        texts.insert(rng.randrange(320, len(texts)), TopicText(f"new-{number}", text, True))
    return texts


def test_a_topic_that_comes_up_is_found_and_named_by_what_it_is_about() -> None:
    for seed in range(5):
        found = emerging_topics(drawn(seed, planted=20))
        assert found, seed
        assert any("laadpa" in phrase for phrase in found[0].phrases)
        new = [name for name in found[0].texts if name.startswith("new-")]
        assert len(new) >= 0.8 * found[0].size
        assert found[0].recent > 2 * found[0].expected


def test_hardly_anything_is_called_new_when_nothing_is() -> None:
    assert sum(len(emerging_topics(drawn(seed))) for seed in range(20)) <= 3


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 80))
def test_a_topic_keeps_its_name_while_more_comes_in(seed: int, later: int) -> None:
    texts = drawn(seed, planted=20)
    before = {one.id: one.texts for one in emerging_topics(texts, error=0.9999)}
    rng = random.Random(seed + 1)
    more = [TopicText(f"later-{number}", rng.choice(background()), True) for number in range(later)]
    after = {one.id: one.texts for one in emerging_topics([*texts, *more], error=0.9999)}
    for name, members in after.items():
        assert members[0] == name
        if name in before:
            assert members[: len(before[name])] == before[name]


def test_what_is_said_in_other_words_is_found_by_its_meaning() -> None:
    """Not in every order of coming in, with nine texts: what a group begins with decides what else is near enough."""
    folder = sorted((Path(__file__).parents[2] / "models" / "encoder").glob("*/manifest.json"))[-1].parent
    said = [*background(), *OTHERWISE_SAID]
    point = dict(zip(said, OnnxEncoder.load(folder).points(said), strict=True))
    times = 0
    for seed in range(6):
        rng = random.Random(seed)
        old = [
            TopicText(str(number), text, False) for number, text in enumerate(rng.sample(background(), 70))
        ]
        new = [
            TopicText(f"old-{number}", text, True) for number, text in enumerate(rng.sample(background(), 15))
        ]
        new += [TopicText(f"new-{number}", text, True) for number, text in enumerate(OTHERWISE_SAID)]
        rng.shuffle(new)
        texts = [*old, *new]
        found = emerging_topics(texts, np.stack([point[one.text] for one in texts]))
        assert all(set(one.texts) <= {f"new-{number}" for number in range(9)} for one in found)
        times += bool(found)
        if found:
            assert {"toilet", "toiletten", "wc"} & set(" ".join(found[0].phrases).split())
        assert emerging_topics(texts) == ()  # the words alone do not show it
    assert times >= 2


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(0, 40))
def test_a_topic_of_meaning_keeps_its_name_while_more_comes_in(seed: int, later: int) -> None:
    rng = np.random.default_rng(seed)
    points = unit(rng.normal(size=(60 + later, 8)) + 2 * np.eye(8)[rng.integers(0, 8, 60 + later)])
    texts = [
        TopicText(str(number), f"woord{'abcdefgh'[number % 8] * 3}", number >= 30)
        for number in range(60 + later)
    ]
    before = {one.id: one.texts for one in emerging_topics(texts[:60], points[:60], error=0.9999, near=1.0)}
    after = {one.id: one.texts for one in emerging_topics(texts, points, error=0.9999, near=1.0)}
    for name, members in after.items():
        assert members[0] == name
        if name in before:
            assert members[: len(before[name])] == before[name]


def test_points_that_are_not_those_of_the_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="got 2 for 1"):
        emerging_topics([TopicText("1", "Geen laadpaal", True)], np.eye(2))


def test_texts_without_a_word_that_says_something_make_no_topic() -> None:
    assert emerging_topics([TopicText(str(number), "Nee, niks. 10!", True) for number in range(30)]) == ()
    assert emerging_topics([]) == ()

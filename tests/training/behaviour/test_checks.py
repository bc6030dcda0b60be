from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from feedback_nlp.records import Analysis
from training.behaviour.cases import (
    Case,
    Direction,
    DirectionCase,
    Expectation,
    FunctionalityCase,
    InvarianceCase,
    load_cases,
)
from training.behaviour.checks import reasons_of

MakeAnalysis = Callable[..., Analysis]
LABELS = {"positief": 0.8, "neutraal": 0.0, "negatief": -0.8}


def _expecting(**fields: Any) -> FunctionalityCase:
    return FunctionalityCase(
        id="a", group="themes", capability="a", type="MFT", text="x", expect=Expectation(**fields)
    )


def _invariant(*same: Any) -> InvarianceCase:
    return InvarianceCase(
        id="a", group="robustness", capability="a", type="INV", text="x", variants=("y", "z"), same=same
    )


def _moving(measure: str, change: Any, tolerance: float, **then_expect: Any) -> DirectionCase:
    return DirectionCase(
        id="a",
        group="signals",
        capability="a",
        type="DIR",
        text="x",
        then="y",
        directions=(Direction(measure=measure, change=change, tolerance=tolerance),),
        then_expect=Expectation(**then_expect) if then_expect else None,
    )


def test_an_expected_theme_that_is_not_assigned_fails_the_case(make_analysis: MakeAnalysis) -> None:
    case = _expecting(themes={"kosten": -1})
    assert reasons_of(case, [make_analysis()]) == ("kosten not assigned (score 0.10)",)
    assert reasons_of(case, [make_analysis(themes={"kosten": -0.4})]) == ()


def test_the_wrong_polarity_fails_the_case(make_analysis: MakeAnalysis) -> None:
    case = _expecting(themes={"kosten": -1})
    (reason,) = reasons_of(case, [make_analysis(themes={"kosten": 0.4})])
    assert reason == "kosten has polarity +0.40, expected -1"


@pytest.mark.parametrize(("polarity", "passes"), [(0.0, True), (-0.5, True), (0.51, False), (-0.9, False)])
def test_a_balanced_theme_must_be_near_zero(
    make_analysis: MakeAnalysis, polarity: float, passes: bool
) -> None:
    reasons = reasons_of(_expecting(themes={"kosten": 0}), [make_analysis(themes={"kosten": polarity})])
    assert (reasons == ()) is passes


def test_an_absent_theme_must_not_be_assigned_but_others_may(make_analysis: MakeAnalysis) -> None:
    case = _expecting(absent=("empathie",))
    assert reasons_of(case, [make_analysis(themes={"kosten": 1.0})]) == ()
    assert reasons_of(case, [make_analysis(themes={"empathie": 1.0})]) == ("empathie assigned (score 0.90)",)


def test_a_star_forbids_every_theme_that_is_not_expected(make_analysis: MakeAnalysis) -> None:
    case = _expecting(themes={"kosten": 1}, absent=("*",))
    assert reasons_of(case, [make_analysis(themes={"kosten": 1.0})]) == ()
    (reason,) = reasons_of(case, [make_analysis(themes={"kosten": 1.0, "gemak": 1.0})])
    assert reason == "gemak assigned (score 0.90)"


def test_sentiment_and_signals_are_held_to_the_expectation(make_analysis: MakeAnalysis) -> None:
    case = _expecting(sentiment="negatief", signals=("klacht",), absent_signals=("kwetsbaar",))
    good = make_analysis(sentiment=(-0.6, "negatief"), signals={"klacht": 0.8})
    bad = make_analysis(signals={"kwetsbaar": 0.8})
    assert reasons_of(case, [good]) == ()
    assert reasons_of(case, [bad]) == (
        "sentiment neutraal (+0.00), expected negatief",
        "signal klacht not assigned (score 0.10)",
        "signal kwetsbaar assigned (score 0.80)",
    )


def test_a_variant_may_neither_lose_nor_gain_a_theme(make_analysis: MakeAnalysis) -> None:
    original, other = make_analysis(themes={"kosten": -0.8}), make_analysis(themes={"gemak": -0.8})
    assert reasons_of(_invariant("themes"), [original, original, other]) == (
        "variant 2: theme kosten lost",
        "variant 2: theme gemak gained",
    )


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [(-0.8, -0.2, True), (-0.8, 0.3, False), (-0.05, 0.05, True), (0.0, 0.9, True)],
)
def test_a_polarity_must_not_turn(
    make_analysis: MakeAnalysis, before: float, after: float, passes: bool
) -> None:
    original, variant = make_analysis(themes={"kosten": before}), make_analysis(themes={"kosten": after})
    assert (reasons_of(_invariant("polarity"), [original, variant, original]) == ()) is passes


def test_sentiment_label_and_signals_must_stay_when_asked(make_analysis: MakeAnalysis) -> None:
    original = make_analysis(signals={"klacht": 0.7})
    variant = make_analysis(sentiment=(0.5, "positief"))
    assert reasons_of(_invariant("sentiment", "signals"), [original, original, variant]) == (
        "variant 2: sentiment went from neutraal to positief",
        "variant 2: signal klacht lost",
    )
    assert reasons_of(_invariant("themes"), [original, original, variant]) == ()


@pytest.mark.parametrize(
    ("change", "tolerance", "before", "after", "passes"),
    [
        ("up", 0.0, 5.0, 5.1, True),
        ("up", 0.0, 5.0, 5.0, False),
        ("up", 0.5, 5.0, 5.4, False),
        ("down", 0.0, 5.0, 4.9, True),
        ("down", 0.0, 5.0, 5.1, False),
        ("not_up", 0.5, 5.0, 5.4, True),
        ("not_up", 0.5, 5.0, 5.6, False),
        ("not_up", 0.5, 5.0, 1.0, True),
        ("not_down", 0.5, 5.0, 4.6, True),
        ("not_down", 0.5, 5.0, 4.4, False),
    ],
)
@pytest.mark.parametrize("measure", ["nps", "cas"])
def test_a_measure_must_move_as_the_direction_says(
    make_analysis: MakeAnalysis,
    measure: str,
    change: str,
    tolerance: float,
    before: float,
    after: float,
    passes: bool,
) -> None:
    pair = [make_analysis(**{measure: before}), make_analysis(**{measure: after})]
    assert (reasons_of(_moving(measure, change, tolerance), pair) == ()) is passes


@pytest.mark.parametrize(
    ("measure", "after"),
    [
        ("sentiment", {"sentiment": (0.5, "positief")}),
        ("theme:kosten", {"themes": {"kosten": 0.5}}),
        ("polarity:kosten", {"themes": {"kosten": 0.5}}),
        ("signal:klacht", {"signals": {"klacht": 0.5}}),
    ],
)
def test_every_measure_is_read_from_its_own_place(
    make_analysis: MakeAnalysis, measure: str, after: dict[str, Any]
) -> None:
    low, high = make_analysis(), make_analysis(**after)
    assert reasons_of(_moving(measure, "up", 0.0), [low, high]) == ()
    (reason,) = reasons_of(_moving(measure, "up", 0.0), [high, low])
    assert reason.startswith(f"{measure} went from ")


def test_the_changed_text_is_held_to_its_own_expectation(make_analysis: MakeAnalysis) -> None:
    case = _moving("nps", "down", 0.0, themes={"empathie": -1})
    before = make_analysis(nps=7.0)
    assert reasons_of(case, [before, make_analysis(nps=3.0, themes={"empathie": -0.9})]) == ()
    assert reasons_of(case, [before, make_analysis(nps=3.0)]) == ("then: empathie not assigned (score 0.10)",)


def test_an_analysis_too_few_is_refused(make_analysis: MakeAnalysis) -> None:
    with pytest.raises(ValueError, match="3 texts but 1 analyses"):
        reasons_of(_invariant("themes"), [make_analysis()])


def _ideal(expect: Expectation, make_analysis: MakeAnalysis) -> Analysis:
    label = expect.sentiment or "neutraal"
    return make_analysis(
        themes={code: 0.9 * polarity for code, polarity in expect.themes.items()},
        sentiment=(LABELS[label], label),
        signals=dict.fromkeys(expect.signals, 0.9),
    )


def _moved(case: DirectionCase, side: int, make_analysis: MakeAnalysis) -> Analysis:
    """An analysis far to the side (1) that the case's directions ask of `then`, or far to the other side (-1)."""
    values: dict[str, dict[str, float]] = {}
    for direction in case.directions:
        kind, _, code = direction.measure.partition(":")
        values.setdefault(kind, {})[code] = side * (1 if direction.change in ("up", "not_down") else -1)
    expected = case.then_expect.themes if case.then_expect else {}
    return make_analysis(
        themes={code: 0.9 * polarity for code, polarity in (expected | values.get("polarity", {})).items()},
        sentiment=(0.9 * values.get("sentiment", {}).get("", 0), "neutraal"),
        signals={code: 0.5 + 0.4 * value for code, value in values.get("signal", {}).items()},
        nps=5 + 4 * values.get("nps", {}).get("", 0),
        cas=5 + 4 * values.get("cas", {}).get("", 0),
        scores={code: 0.5 + 0.4 * value for code, value in values.get("theme", {}).items()},
    )


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_each_case_can_be_passed_and_can_be_failed(case: Case, make_analysis: MakeAnalysis) -> None:
    if isinstance(case, FunctionalityCase):
        assert reasons_of(case, [_ideal(case.expect, make_analysis)]) == ()
        everything = dict.fromkeys(("kosten", "gemak", "proces", *case.expect.absent), 0.9)
        everything.pop("*", None)
        wrong = {code: -0.9 * (polarity or 1) for code, polarity in case.expect.themes.items()}
        label = "positief" if case.expect.sentiment != "positief" else "negatief"
        signals = dict.fromkeys(case.expect.absent_signals, 0.9)
        assert reasons_of(case, [make_analysis(everything | wrong, (0.0, label), signals)])
    elif isinstance(case, InvarianceCase):
        same = make_analysis(themes={"kosten": -0.9}, signals={"klacht": 0.9})
        other = make_analysis(themes={"gemak": 0.9}, sentiment=(0.9, "positief"))
        rest = [same] * (len(case.variants) - 1)
        assert reasons_of(case, [same, same, *rest]) == ()
        assert reasons_of(case, [same, *rest, other])
    else:
        before, after = _moved(case, -1, make_analysis), _moved(case, 1, make_analysis)
        assert reasons_of(case, [before, after]) == ()
        assert reasons_of(case, [after, before])

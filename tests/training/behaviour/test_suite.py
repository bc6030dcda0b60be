from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.records import Analysis
from training.behaviour.cases import GROUPS, Case, Expectation, FunctionalityCase, load_cases
from training.behaviour.suite import Rate, run_cases

MakeAnalysis = Callable[..., Analysis]
CASES = load_cases()


def _case(number: int, group: str = "themes", capability: str = "a", text: str = "x") -> FunctionalityCase:
    return FunctionalityCase.model_validate(
        {
            "id": f"case-{number}",
            "group": group,
            "capability": capability,
            "type": "MFT",
            "text": text,
            "expect": Expectation(themes={"kosten": 1}),
        }
    )


def test_a_model_that_finds_nothing_passes_some_cases_and_fails_most(make_analysis: MakeAnalysis) -> None:
    result = run_cases(CASES, lambda texts: [make_analysis() for _ in texts])
    assert 0 < result.overall.passed < result.overall.total / 2
    assert result.types["INV"].share == 1.0
    assert result.groups["signals"].share < 0.5
    assert tuple(result.groups) == GROUPS


def test_texts_reach_the_model_once_and_in_order(make_analysis: MakeAnalysis) -> None:
    seen: list[Sequence[str]] = []

    def analyze_many(texts: Sequence[str]) -> list[Analysis]:
        seen.append(texts)
        return [make_analysis() for _ in texts]

    run_cases(CASES, analyze_many)
    assert seen == [[text for case in CASES for text in case.texts]]


def test_analyses_may_come_one_by_one(make_analysis: MakeAnalysis) -> None:
    result = run_cases([_case(1)], lambda texts: (make_analysis(themes={"kosten": 0.9}) for _ in texts))
    assert result.overall == Rate(1, 1)
    assert result.failures == ()


def test_a_failure_names_its_case_and_its_reasons_but_not_the_text(make_analysis: MakeAnalysis) -> None:
    result = run_cases([_case(7, text="Geheimzinnig")], lambda texts: [make_analysis()])
    (failure,) = result.failures
    assert (failure.case_id, failure.group, failure.capability, failure.type) == (
        "case-7",
        "themes",
        "a",
        "MFT",
    )
    assert failure.reasons == ("kosten not assigned (score 0.10)",)
    assert "Geheimzinnig" not in json.dumps(result.to_dict())


@given(passes=st.lists(st.tuples(st.booleans(), st.sampled_from(GROUPS)), min_size=1, max_size=30))
def test_every_breakdown_adds_up_to_the_whole(
    make_analysis: MakeAnalysis, passes: list[tuple[bool, str]]
) -> None:
    cases = [_case(number, group, "on_" + group) for number, (_, group) in enumerate(passes)]
    good, bad = make_analysis(themes={"kosten": 0.9}), make_analysis()
    result = run_cases(cases, lambda _: [good if passed else bad for passed, _ in passes])
    assert result.overall == Rate(sum(passed for passed, _ in passes), len(passes))
    assert len(result.failures) == result.overall.total - result.overall.passed
    table = [row.rate for row in result.table]
    for rates in (result.groups.values(), result.capabilities.values(), result.types.values(), table):
        assert Rate(sum(r.passed for r in rates), sum(r.total for r in rates)) == result.overall


def test_the_result_as_json_carries_counts_and_shares(make_analysis: MakeAnalysis) -> None:
    cases = [_case(1), _case(2, "signals", "b"), _case(3, "signals", "b")]
    good, bad = make_analysis(themes={"kosten": 0.9}), make_analysis()
    told = run_cases(cases, lambda _: [good, good, bad]).to_dict()
    assert told["overall"] == {"passed": 2, "total": 3, "share": 0.6667}
    assert told["groups"]["signals"] == {"passed": 1, "total": 2, "share": 0.5}
    assert told["table"][1] == {
        "group": "signals", "capability": "b", "type": "MFT", "passed": 1, "total": 2, "share": 0.5,
    }  # fmt: skip
    assert [failure["id"] for failure in told["failures"]] == ["case-3"]


@pytest.mark.parametrize("count", [0, 2])
def test_a_model_that_loses_or_invents_analyses_is_refused(make_analysis: MakeAnalysis, count: int) -> None:
    with pytest.raises(ValueError, match=f"got {count} for 1 texts"):
        run_cases([_case(1)], lambda _: [make_analysis()] * count)


def test_no_cases_is_refused() -> None:
    empty: list[Case] = []
    with pytest.raises(ValueError, match="at least one case"):
        run_cases(empty, lambda _: [])

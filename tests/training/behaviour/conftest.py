from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from feedback_nlp.records import (
    Advocacy,
    Analysis,
    Estimate,
    ModelInfo,
    Sentiment,
    Signal,
    ThemeMention,
)
from feedback_nlp.taxonomy import Taxonomy

MakeAnalysis = Callable[..., Analysis]
_TAXONOMY = Taxonomy.default()


@pytest.fixture(scope="session")
def make_analysis() -> MakeAnalysis:
    """Builds the analysis a model might give: what is not named is not assigned, neutral, in the middle."""
    return _analysis


def _analysis(
    themes: Mapping[str, float] | None = None,
    sentiment: tuple[float, str] = (0.0, "neutraal"),
    signals: Mapping[str, float] | None = None,
    nps: float = 6.0,
    cas: float = 6.0,
    scores: Mapping[str, float] | None = None,
) -> Analysis:
    themes, signals, scores = themes or {}, signals or {}, scores or {}
    return Analysis(
        id=None,
        text="",
        language="nl",
        themes=tuple(
            ThemeMention(
                code,
                code,
                scores.get(code, 0.9 if code in themes else 0.1),
                assigned=code in themes,
                polarity=themes.get(code, 0.0),
            )
            for code in _TAXONOMY.theme_codes
        ),
        sentiment=Sentiment(*sentiment),
        advocacy=Advocacy(0.3, 0.4, 0.3, nps=Estimate(nps, 4, 8), cas=Estimate(cas, 4, 8)),
        signals=tuple(
            Signal(code, code, signals.get(code, 0.1), assigned=code in signals)
            for code in _TAXONOMY.signal_codes
        ),
        review_reasons=(),
        model=ModelInfo("fake", "1", "sha256:0"),
    )

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, RidgeCV

from feedback_nlp.additive import AdditiveClassifier, AdditiveRegression, _pipeline


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), columns=st.integers(1, 5), spread=st.floats(0.01, 1000))
def test_the_written_out_curves_are_those_of_the_pipeline_also_far_outside(
    seed: int, columns: int, spread: float
) -> None:
    generator = np.random.default_rng(seed)
    X = (generator.normal(size=(200, columns)) * spread + generator.normal()).astype(np.float32)
    y = np.sin(X[:, 0] / spread) + generator.normal(size=200) / 10
    weight = generator.uniform(0.5, 2, size=200)
    expected = _pipeline(RidgeCV(alphas=(0.1, 1.0, 10.0, 100.0)), 5, "linear").fit(
        X, y, ridgecv__sample_weight=weight
    )
    regression = AdditiveRegression().fit(X, y, weight)
    asked = np.concatenate([X, (generator.normal(size=(50, columns)) * 20 * spread).astype(np.float32)])
    np.testing.assert_allclose(regression.predict(asked), expected.predict(asked), rtol=1e-4, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 4))
def test_the_written_out_classifier_is_that_of_the_pipeline(seed: int, classes: int) -> None:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(300, 3)).astype(np.float32)
    y = (np.arange(300) % classes).astype(np.int8)
    X[:, 0] += y
    expected = _pipeline(LogisticRegression(C=0.1, max_iter=1000), 4, "constant").fit(X, y)
    classifier = AdditiveClassifier(C=0.1).fit(X, y)
    asked = np.concatenate([X, (generator.normal(size=(50, 3)) * 20).astype(np.float32)])
    np.testing.assert_allclose(classifier.predict_proba(asked), expected.predict_proba(asked), atol=1e-4)
    assert (classifier.predict(X) == expected.predict(X)).mean() > 0.99


def test_one_class_alone_cannot_be_learned() -> None:
    with pytest.raises(ValueError, match="class"):
        AdditiveClassifier().fit(np.zeros((10, 1), dtype=np.float32), np.zeros(10, dtype=np.int8))


def test_it_learns_a_bent_curve() -> None:
    X = np.linspace(-3, 3, 400, dtype=np.float32)[:, None]
    assert np.abs(AdditiveRegression().fit(X, X[:, 0] ** 2).predict(X) - X[:, 0] ** 2).max() < 0.1


def test_it_follows_the_conventions_of_estimators() -> None:
    regression = clone(AdditiveRegression())
    assert regression.get_params() == {}
    with pytest.raises(NotFittedError):
        regression.predict(np.zeros((1, 3), dtype=np.float32))

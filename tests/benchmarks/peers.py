"""Other ways to find themes in a text, each as its own makers describe it, behind one small interface."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import fasttext
import numpy as np
import spacy
import Stemmer
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC
from spacy.lang.nl.stop_words import STOP_WORDS
from spacy.training import Example
from spacy.util import compounding, fix_random_seed, minibatch

__all__ = ["PEERS", "Peer", "fasttext_peer", "spacy_peer", "stem_pipeline", "svm_peer"]

Floats = NDArray[np.float64]


class Peer(Protocol):
    """A classifier of several labels at once."""

    def fit(self, texts: Sequence[str], labels: NDArray[np.bool_]) -> None:
        """Learn; labels are (texts, themes)."""

    def scores(self, texts: Sequence[str]) -> Floats:
        """How much each theme fits, (texts, themes); the higher the more."""


# --- stems, term frequencies, L1 logistic regression ----------------------------------------------------------------


class _Stems:
    """Lower case, split at white space, each word its Snowball stem; stop words stay whole, to be left out later."""

    def __init__(self) -> None:
        self._stemmer: Any = None

    def __call__(self, text: str) -> str:
        if self._stemmer is None:
            self._stemmer = Stemmer.Stemmer("dutch_porter")
        words = text.lower().split()
        return " ".join(word if word in STOP_WORDS else self._stemmer.stemWord(word) for word in words)

    def __getstate__(self) -> dict[str, Any]:
        return {"_stemmer": None}


def stem_pipeline(longest: int, weights: str | None) -> Pipeline:
    """What the Dutch municipalities' open classifier (Signalen/classification) says of itself.

    Stems, Dutch stop words left out, counts scaled to unit length without idf, L1 logistic regression by liblinear;
    words or word pairs and the class weights are what its grid search tries.
    """
    return make_pipeline(
        CountVectorizer(preprocessor=_Stems(), stop_words=sorted(STOP_WORDS), ngram_range=(1, longest)),
        TfidfTransformer(use_idf=False),
        LogisticRegression(l1_ratio=1.0, solver="liblinear", max_iter=500, class_weight=weights),
    )


class _Linear:
    """A scikit-learn pipeline whose last step is fitted once a theme."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._features = pipeline[:-1]
        self._classifier = OneVsRestClassifier(pipeline[-1])

    def fit(self, texts: Sequence[str], labels: NDArray[np.bool_]) -> None:
        self._classifier.fit(sparse.csr_matrix(self._features.fit_transform(texts)), labels.astype(int))

    def scores(self, texts: Sequence[str]) -> Floats:
        return np.asarray(self._classifier.decision_function(self._features.transform(texts)))


def stem_peer(longest: int, weights: str | None) -> Peer:
    return _Linear(stem_pipeline(longest, weights))


def svm_peer(C: float) -> Peer:
    """Words, word pairs and letter sequences by tf-idf, a linear support vector machine a theme."""
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True),
    )
    return _Linear(make_pipeline(features, LinearSVC(C=C)))


# --- fastText ---------------------------------------------------------------------------------------------------------


class _FastText:
    def __init__(self, **options: Any) -> None:
        self._options = options

    def fit(self, texts: Sequence[str], labels: NDArray[np.bool_]) -> None:
        self._labels = labels.shape[1]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            lines = (
                " ".join(
                    [*([f"__label__{k}" for k in np.flatnonzero(row)] or ["__label__none"]), _plain(text)]
                )
                for text, row in zip(texts, labels, strict=True)
            )
            path.write_text("\n".join(lines) + "\n", "utf-8")
            self._model = fasttext.train_supervised(
                str(path), loss="ova", thread=1, seed=0, verbose=0, dim=100, wordNgrams=2, **self._options
            )

    def scores(self, texts: Sequence[str]) -> Floats:
        result = np.zeros((len(texts), self._labels))
        names, values = self._model.predict([_plain(text) for text in texts], k=-1)
        for row, (found, probabilities) in enumerate(zip(names, values, strict=True)):
            for name, probability in zip(found, probabilities, strict=True):
                if name != "__label__none":
                    result[row, int(name.removeprefix("__label__"))] = probability
        return result


def fasttext_peer(epochs: int, letters: bool) -> Peer:
    """fastText's supervised mode, one against all, with word pairs and maybe letter sequences."""
    sequences = {"minn": 2, "maxn": 5} if letters else {}
    return _FastText(epoch=epochs, lr=0.5, **sequences)


def _plain(text: str) -> str:
    """As fastText's guide prepares texts: lower case, marks apart, on one line."""
    return " ".join("".join(c if c.isalnum() else f" {c} " for c in text.lower()).split())


# --- spaCy ------------------------------------------------------------------------------------------------------------


class _Spacy:
    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def fit(self, texts: Sequence[str], labels: NDArray[np.bool_]) -> None:
        fix_random_seed(0)
        self._names = [str(k) for k in range(labels.shape[1])]
        self._pipeline = spacy.blank("nl")
        component = self._pipeline.add_pipe("textcat_multilabel")
        for name in self._names:
            component.add_label(name)  # type: ignore[attr-defined]
        examples = [
            Example.from_dict(
                self._pipeline.make_doc(text),
                {"cats": dict(zip(self._names, map(float, row), strict=True))},
            )
            for text, row in zip(texts, labels, strict=True)
        ]
        optimizer = self._pipeline.initialize(lambda: examples)
        shuffle = random.Random(0)
        for _ in range(self._epochs):
            shuffle.shuffle(examples)
            for batch in minibatch(examples, size=compounding(8.0, 64.0, 1.005)):
                self._pipeline.update(batch, sgd=optimizer, drop=0.2)

    def scores(self, texts: Sequence[str]) -> Floats:
        docs = self._pipeline.pipe(texts, batch_size=256)
        return np.array([[doc.cats[name] for name in self._names] for doc in docs])


def spacy_peer(epochs: int) -> Peer:
    """spaCy's own text classifier as `textcat_multilabel` comes: word vectors learned here, beside a bag of words."""
    return _Spacy(epochs)


PEERS: dict[str, tuple[Callable[[], Peer], ...]] = {
    "stems, tf, L1 logistic regression": tuple(
        (lambda longest=longest, weights=weights: stem_peer(longest, weights))  # type: ignore[misc]
        for longest in (1, 2)
        for weights in (None, "balanced")
    ),
    "tf-idf, linear SVM": tuple((lambda C=C: svm_peer(C)) for C in (0.1, 0.3, 1.0)),  # type: ignore[misc]
    "fastText supervised": (
        lambda: fasttext_peer(25, True),
        lambda: fasttext_peer(50, True),
        lambda: fasttext_peer(50, False),
    ),
    "spaCy textcat": (lambda: spacy_peer(10),),
}
"""Every peer with the settings it may choose among, on the training part alone; spaCy's takes minutes and has one."""

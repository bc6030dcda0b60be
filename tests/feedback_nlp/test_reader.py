from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from feedback_nlp.labels import LabelledTexts, Quote
from feedback_nlp.reader import ClauseReader

THEMES, SIGNALS = ("bereikbaarheid", "empathie"), ("klacht",)
WAITED, KIND = "lang in de wacht gestaan", "heel vriendelijk geholpen"


def labelled() -> LabelledTexts:
    """Sixty texts of which some waited, some were met kindly, some both."""
    texts, themes, polarity, quotes = [], [], [], []
    for row in range(60):
        waited, kind = row % 3 != 1, row % 3 != 0
        said = [words for words, present in ((WAITED, waited), (KIND, kind)) if present]
        text = ", ".join(said) + f" op dag {'abcdefghij'[row % 10]}"
        for theme, words in enumerate((WAITED, KIND)):
            if words in said:
                start = text.index(words)
                quotes.append(Quote(row, theme, start, start + len(words)))
        texts.append(text)
        themes.append((waited, kind))
        polarity.append((-int(waited), int(kind)))
    tone = np.array(polarity, dtype=np.float64).sum(axis=1)
    return LabelledTexts(
        texts=tuple(texts),
        themes=np.array(themes),
        polarity=np.array(polarity, dtype=np.int8),
        quotes=tuple(quotes),
        sentiment=tone,
        nps=5 + 3 * tone,
        cas=5 + 3 * tone,
        signals=np.array([[tone_ < 0] for tone_ in tone]),
        weight=np.ones(60),
    )


DATA = labelled()
READER = ClauseReader(THEMES, SIGNALS).fit(DATA)


def column(name: str, *texts: str) -> list[float]:
    table = READER.read(texts).table
    return [float(value) for value in table.values[:, table.names.index(name)]]


def test_a_theme_is_found_in_the_clause_that_speaks_of_it() -> None:
    reading = READER.read(["Heel vriendelijk geholpen, maar lang in de wacht gestaan"])
    kind, waited = reading.theme_scores
    assert kind[1] > 0 > kind[0]
    assert waited[0] > 0 > waited[1]


def test_each_theme_of_one_text_has_the_tone_of_its_own_clause() -> None:
    text = f"{WAITED}, {KIND}"
    assert column("polarity:bereikbaarheid:clause", text)[0] < 0 < column("polarity:empathie:clause", text)[0]


def test_the_tone_of_the_whole_tells_the_satisfied_from_the_dissatisfied() -> None:
    bad, good = column("tone::sentiment", WAITED, KIND)
    assert bad < good
    bad, good = column("tone::nps", WAITED, KIND)
    assert bad < good


def test_signals_are_read_too() -> None:
    bad, good = column("signal:klacht:text", WAITED, KIND)
    assert bad > good


def test_texts_are_read_one_by_one_whatever_stands_beside_them() -> None:
    texts = [WAITED, "", KIND, "?!", f"{KIND}. {WAITED}"]
    together = READER.read(texts)
    assert together.owner.tolist() == [0, 2, 4, 4]
    for row, text in enumerate(texts):
        alone = READER.read([text])
        assert alone.table.names == together.table.names
        assert alone.table.values[0] == pytest.approx(together.table.values[row], abs=1e-5)


def test_no_texts_give_an_empty_table() -> None:
    assert READER.read([]).table.values.shape == (0, len(READER.read([""]).table.names))


def test_the_same_data_give_the_same_weights() -> None:
    again = ClauseReader(THEMES, SIGNALS).fit(DATA)
    assert (again.weights_ == READER.weights_).all()
    assert (again.bias_ == READER.bias_).all()


def test_without_quotes_it_learns_from_whole_texts() -> None:
    plain = ClauseReader(THEMES, SIGNALS, evidence=False).fit(DATA)
    table = plain.read([WAITED, KIND]).table
    waited, kind = table.values[:, table.names.index("theme:bereikbaarheid:text")]
    assert waited > kind


def test_rows_can_be_taken_and_their_quotes_come_along() -> None:
    part = DATA.take([5, 2])
    assert part.texts == (DATA.texts[5], DATA.texts[2])
    assert {part.texts[quote.row][quote.start : quote.end] for quote in part.quotes} == {WAITED, KIND}


def test_it_follows_the_conventions_of_estimators() -> None:
    copy = clone(ClauseReader(THEMES, SIGNALS, C=0.7))
    assert copy.get_params()["C"] == 0.7
    assert copy.get_params()["themes"] == THEMES
    with pytest.raises(NotFittedError):
        copy.read(["tekst"])


def test_what_counts_for_nothing_is_no_example_against_a_theme() -> None:
    def weighing_rest(weight: float) -> ClauseReader:
        waited = DATA.themes[:, 0] & ~DATA.themes[:, 1]
        data = LabelledTexts(
            texts=DATA.texts, themes=DATA.themes, polarity=DATA.polarity, quotes=(), sentiment=DATA.sentiment,
            nps=DATA.nps, cas=DATA.cas, signals=DATA.signals, weight=np.where(waited, 1.0, weight),
        )  # fmt: skip
        return ClauseReader(THEMES, SIGNALS).fit(data)

    assert weighing_rest(0.0).bias_[0] == 1.0  # all that count speak of the first theme
    assert weighing_rest(1.0).bias_[0] != 1.0

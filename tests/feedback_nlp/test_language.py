from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.commands.doctor import examine
from feedback_nlp.language import (
    PIPELINE_NAME,
    PipelineStatus,
    _language_of_word,
    detect_language,
    pipeline_status,
    tokenize,
    trained_pipeline,
)
from training.corpus import load_corpus

VERSION = "0.0.7"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A small pipeline that knows one name, installed as a package of the name that is looked for."""
    pipeline = spacy.blank("nl")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Wubbo Zwart"}])
    pipeline.meta.update(name="core_news_sm", version=VERSION)
    package = tmp_path / PIPELINE_NAME
    package.mkdir()
    pipeline.to_disk(package / f"{PIPELINE_NAME}-{VERSION}")
    (package / "meta.json").write_bytes((package / f"{PIPELINE_NAME}-{VERSION}" / "meta.json").read_bytes())
    (package / "__init__.py").write_text(
        "from spacy.util import load_model_from_init_py\n\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    described = tmp_path / f"{PIPELINE_NAME}-{VERSION}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PIPELINE_NAME}\nVersion: {VERSION}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, PIPELINE_NAME, raising=False)
    trained_pipeline.cache_clear()
    yield
    trained_pipeline.cache_clear()
    sys.modules.pop(PIPELINE_NAME, None)


@pytest.mark.usefixtures("installed")
def test_an_installed_pipeline_is_found_by_itself_and_loaded_once() -> None:
    assert pipeline_status() == PipelineStatus(installed=True, version=VERSION)
    pipeline = trained_pipeline()
    assert pipeline is not None
    found = pipeline("Gesproken met Wubbo Zwart over mijn polis.").ents
    assert [(entity.text, entity.label_) for entity in found] == [("Wubbo Zwart", "PERSON")]
    assert trained_pipeline() is pipeline


@pytest.mark.usefixtures("installed")
def test_the_doctor_reports_it() -> None:
    [finding] = [finding for finding in examine() if finding.name == "Dutch pipeline"]
    assert (finding.state, finding.says) == ("ok", f"{PIPELINE_NAME} {VERSION}")


def test_without_one_all_works_and_there_is_none() -> None:
    assert pipeline_status("nl_core_news_none") == PipelineStatus(installed=False, version=None)
    assert trained_pipeline("nl_core_news_none") is None


@pytest.mark.usefixtures("installed")
def test_the_tokens_that_models_see_are_the_same_with_and_without_it() -> None:
    assert [token.text for token in tokenize("Wubbo Zwart belde.")] == ["Wubbo", "Zwart", "belde", "."]


@given(st.text(st.characters()))
def test_tokens_of_any_string_stand_where_they_say_and_leave_out_only_space(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end
        assert text[token.start : token.end] == token.text
        assert not text[end : token.start].strip()
        end = token.end
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ik heb heel lang in de wacht gestaan en niemand belde terug.", "nl"),
        ("I have been waiting for an hour and nobody called me back.", "en"),
        ("Ich habe eine Stunde gewartet und niemand hat mich zurückgerufen.", "de"),
        ("J'ai attendu une heure et personne ne m'a rappelé, c'est très mauvais.", "fr"),
        ("Top service, super nice, alles in orde met mijn polis", "nl"),
        ("prima", "und"),
        ("", "und"),
        ("12345 !!! ???", "und"),
    ],
)
def test_what_language_it_is(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text(st.characters()))
def test_any_string_is_of_some_language(text: str) -> None:
    assert detect_language(text) in {"nl", "en", "de", "fr", "und"}


def test_the_quick_way_for_plain_words_gives_what_spacy_gives() -> None:
    tokenizer = spacy.blank("nl").tokenizer
    for item in load_corpus()[::20]:
        expected = [
            (token.text, chunk.start() + token.idx)
            for chunk in re.finditer(r"\S{1,64}", item.text)
            for token in tokenizer(chunk[0])
        ]
        assert [(token.text, token.start) for token in tokenize(item.text)] == expected


def plainly(text: str) -> str:
    """What `detect_language` does, over the whole text and with nothing remembered."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    found: dict[str, int] = {}
    for word in words:
        if language := _language_of_word().get(word):
            found[language] = found.get(language, 0) + 1
    if len(words) < 3 or not found:
        return "und"
    best = max(found, key=lambda language: (found[language], language == "nl"))
    clear = found[best] > 2 * found.get("nl", 0) and (found[best] >= 3 or found[best] >= 0.3 * len(words))
    return best if clear else "nl"


@given(
    st.lists(
        st.sampled_from([*sorted(_language_of_word()), "ΟΔΟΣ", "İk", "dit/dat", "und,the", "x" * 70])
        | st.text(st.characters(), max_size=8)
    ).map(" ".join)
)
def test_the_language_is_the_one_found_without_a_memory(text: str) -> None:
    assert detect_language(text) == plainly(text)

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from service.pages.assets import assets
from service.pages.forms import local
from service.pages.i18n import translator
from service.pages.marking import evidence_pieces, excerpt, found_pieces
from service.pages.templating import TEMPLATES
from tests.service.pages.conftest import MIXED, Visit

SERVICE = TEMPLATES.parent
PAGES = (
    "/inbox",
    "/mismatches",
    "/backlog",
    "/backlog?view=list",
    "/backlog/suggestions",
    "/backlog/new",
    "/admin/trackers",
    "/classify",
    "/help",
    "/admin/model",
    "/admin/jobs",
    "/admin/users",
    "/admin/keys",
    "/admin/retention",
    "/admin/webhooks",
    "/admin/audit",
    "/nowhere",
)
_HOLE = re.compile(r"%\((\w+)\)s")


def messages() -> set[str | tuple[str, ...]]:
    """Everything that code and templates say."""
    found = extract_from_dir(
        str(SERVICE),
        [("**/templates/**.html", "jinja2"), ("**.py", "python")],
        {"**/templates/**.html": {"newstyle_gettext": "true"}},
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "N_": None},
        directory_filter=lambda folder: True,
    )
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_message_is_said_in_dutch_with_the_same_blanks() -> None:
    with (SERVICE / "locales" / "nl" / "messages.po").open("rb") as file:
        catalogue = {
            tuple(message.id) if isinstance(message.id, list | tuple) else message.id: message
            for message in read_po(file, locale="nl")
            if message.id
        }
    assert catalogue.keys() == messages()
    for key, message in catalogue.items():
        ids = [key] if isinstance(key, str) else list(key)
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(said)
        for original, dutch in zip(ids, said, strict=True):
            assert set(_HOLE.findall(original)) == set(_HOLE.findall(dutch)), original


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_both_languages_and_asks_nobody_else_for_anything(visit: Visit, path: str) -> None:
    visit.add(MIXED)
    for language in ("nl", "en"):
        visit.client.get(f"/language/{language}")
        page = visit.get(path)
        assert page.status_code == (404 if path == "/nowhere" else 200)
        assert f'<html lang="{language}"' in page.text
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
        assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_dark_and_light_are_remembered(visit: Visit) -> None:
    assert 'data-appearance="auto"' in visit.page("/help")
    visit.client.get("/appearance/dark")
    assert 'data-appearance="dark"' in visit.page("/help")
    assert visit.client.get("/appearance/pink").status_code == 404


def test_static_files_are_kept_for_good_and_only_under_the_digest_of_their_content(visit: Visit) -> None:
    for name in assets().files:
        answer = visit.client.get(assets().url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert visit.client.get(f"/static/0000/{name}").status_code == 404


def test_modules_import_what_is_there() -> None:
    for name, asset in assets().files.items():
        for imported in re.findall(r'from "\./([^"]+)"', asset.content.decode()):
            assert imported in assets().files, f"{name} imports {imported}"


def test_a_page_weighs_little(visit: Visit) -> None:
    items = [{"text": f"{MIXED} Dit is een klacht. {number}", "nps": 3} for number in range(60)]
    ids = visit.client.post("/v1/feedback", json={"items": items}).json()["results"]
    shared = sum(len(asset.content) for asset in assets().files.values())
    for path in ("/inbox", f"/items/{ids[-1]['id']}", "/mismatches", "/classify"):
        assert len(visit.get(path).content) + shared < 100_000, path


def test_a_page_of_a_model_that_is_not_loaded_says_so(visit: Visit) -> None:
    assert "feedback-words 1" in visit.page("/admin/model")


def test_what_was_pasted_is_read_and_not_kept(visit: Visit) -> None:
    page = visit.client.post("/classify", data={"text": MIXED, "nps": "3"}, headers={"accept": "text/html"})
    assert 'class="ev s4 t-bereikbaarheid"' in page.text
    assert "waarschijnlijk criticaster" in page.text
    assert visit.listed() == []


@pytest.mark.parametrize(("text", "nps"), [("", ""), ("Prima", "11"), ("Prima", "hoog"), ("x" * 20_001, "")])
def test_what_cannot_be_read_stays_in_the_form_with_a_reason(visit: Visit, text: str, nps: str) -> None:
    page = visit.client.post("/classify", data={"text": text, "nps": nps}, headers={"accept": "text/html"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert f'value="{nps}"' in page.text


spans = st.fixed_dictionaries(
    {"start": st.integers(0, 40), "end": st.integers(0, 40), "weight": st.floats(0, 1)}
)
themes = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from(["a", "b", "c"]), "evidence": st.lists(spans, max_size=4)}
    ),
    max_size=3,
)


@given(st.text(max_size=40), themes)
def test_marking_evidence_loses_and_doubles_nothing(text: str, said: list[dict[str, object]]) -> None:
    assert "".join(piece.text for piece in evidence_pieces(text, said)) == text


@given(st.text(max_size=300), st.text(max_size=30))
def test_marking_what_was_found_loses_and_doubles_nothing(text: str, query: str) -> None:
    assert "".join(piece.text for piece in found_pieces(text, query)) == text
    assert len("".join(piece.text for piece in excerpt(text, query))) <= 190


@given(st.text())
def test_an_address_to_go_on_to_is_always_within_the_site(address: str) -> None:
    safe = local(address)
    assert safe.startswith("/")
    assert not safe.startswith(("//", "/\\"))


def test_numbers_and_dates_are_written_as_the_language_has_it() -> None:
    assert translator("nl").number(1240.5) == "1.240,5"
    assert translator("en").number(1240.5) == "1,240.5"
    assert translator("nl").percent(0.72).replace("\u00a0", " ") == "72 %"
    assert translator("en").percent(0.72) == "72%"


def test_every_template_is_used_or_included() -> None:
    told = "".join(path.read_text("utf-8") for path in SERVICE.rglob("*") if path.suffix in (".py", ".html"))
    for path in TEMPLATES.rglob("*.html"):
        assert path.relative_to(TEMPLATES).as_posix() in told


def test_there_is_no_stylesheet_or_script_but_ours() -> None:
    assert {Path(name).suffix for name in assets().files} == {".css", ".js", ".svg"}

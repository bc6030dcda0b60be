from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from starlette.datastructures import ImmutableMultiDict

from feedback_nlp.taxonomy import Taxonomy
from service.database.engine import Database
from service.feedback.tables import SignalRow
from service.inbox.query import SORTS, InboxQuery
from tests.service.pages.conftest import COMPLAINT, DOUBT, MIXED, PLAIN, Visit

TAXONOMY = Taxonomy.default()


def some(codes: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(codes)).map(lambda chosen: tuple(code for code in codes if code in chosen))


queries = st.builds(
    InboxQuery,
    q=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).map(str.strip),
    theme=some(TAXONOMY.theme_codes),
    polarity=st.sampled_from(["", "negative", "neutral", "positive"]),
    signal=some(TAXONOMY.signal_codes),
    status=some(("new", "in_progress", "answered", "closed")),
    review=st.booleans(),
    handler=st.sampled_from(["", "me", "none", "7"]),
    sort=st.sampled_from(SORTS),
)


@given(queries)
def test_every_filter_survives_its_address(query: InboxQuery) -> None:
    params = ImmutableMultiDict(parse_qsl(urlsplit(query.url()).query))
    assert InboxQuery.read(params, TAXONOMY) == query


@given(st.lists(st.tuples(st.sampled_from(["q", "theme", "sort", "handler", "after", "status"]), st.text())))
def test_nonsense_in_an_address_is_left_out(pairs: list[tuple[str, str]]) -> None:
    query = InboxQuery.read(ImmutableMultiDict(pairs), TAXONOMY)
    assert set(query.theme) <= set(TAXONOMY.theme_codes)
    assert query.sort in SORTS
    query.to_filter(None)


def test_signals_come_first_then_what_needs_review_then_what_is_new(visit: Visit) -> None:
    plain = visit.add(PLAIN)
    doubt = visit.add(DOUBT)
    complaint = visit.add(COMPLAINT)
    newest = visit.add(MIXED)
    assert visit.listed() == [complaint, doubt, newest, plain]
    assert visit.listed(sort="newest") == [newest, complaint, doubt, plain]
    assert visit.listed(sort="oldest") == [plain, doubt, complaint, newest]


def test_a_signal_that_is_less_likely_than_not_is_called_possible(visit: Visit, database: Database) -> None:
    visit.add(COMPLAINT)
    assert "mogelijk:" not in visit.page("/inbox")
    with database.write() as session:
        session.execute(update(SignalRow).values(score=0.2))
    page = visit.page("/inbox")
    assert "mogelijk: Klacht" in page
    assert '<li class="item hot">' not in page


def test_what_is_answered_leaves_the_inbox_and_returns_when_reopened(visit: Visit) -> None:
    id_ = visit.add(COMPLAINT)
    visit.send(f"/items/{id_}/status", status="answered")
    assert visit.listed() == []
    assert visit.listed(status="answered") == [id_]
    visit.send(f"/items/{id_}/status", status="in_progress")
    assert visit.listed() == [id_]


def test_filters_are_combined_and_each_can_be_taken_off(visit: Visit) -> None:
    mixed = visit.add(MIXED, channel="telefoon")
    visit.add(MIXED, channel="chat")
    visit.add(PLAIN, channel="telefoon")
    query = {"theme": "bereikbaarheid", "polarity": "negative", "channel": "telefoon"}
    assert visit.listed(**query) == [mixed]
    page = visit.page("/inbox", **query)
    assert 'href="/inbox?theme=bereikbaarheid&amp;polarity=negative"' in page


def test_pages_neither_shift_nor_repeat_while_items_arrive(visit: Visit) -> None:
    texts = [COMPLAINT, DOUBT, PLAIN] * 30
    response = visit.client.post("/v1/feedback", json={"items": [{"text": text} for text in texts]})
    ids = [result["id"] for result in response.json()["results"]]
    seen = visit.listed()
    page = visit.page("/inbox")
    visit.add(COMPLAINT)
    while 'rel="next"' in page:
        before = page[: page.index('rel="next"')]
        address = before[before.rindex('href="') + 6 : before.rindex('"')].replace("&amp;", "&")
        seen += visit.listed(address)
        page = visit.page(address)
    assert sorted(seen) == ids


def test_what_was_searched_for_is_marked_and_cannot_break_the_page(visit: Visit) -> None:
    visit.add("Mijn premie is <b>veel</b> te hoog & ik snap het niet")
    page = visit.page("/inbox", q="premie")
    assert '<mark class="hit">premie</mark>' in page
    assert "&lt;b&gt;veel&lt;/b&gt;" in page
    hostile = '"><script>alert(1)</script>'
    assert "<script>alert" not in visit.page("/inbox", q=hostile)


def test_many_items_are_changed_at_once(visit: Visit) -> None:
    first, second, third = (visit.add(text) for text in (PLAIN, DOUBT, MIXED))
    visit.send("/inbox/bulk", here="/inbox", id=[first, second], action="status:in_progress")
    assert [visit.item(id_)["status"] for id_ in (first, second, third)] == [
        "in_progress",
        "in_progress",
        "new",
    ]
    visit.send("/inbox/bulk", here="/inbox", id=[second], action="confirm")
    assert visit.item(second)["needs_review"] is False
    assert visit.item(second)["corrected_at"] is not None


def test_all_that_match_are_changed_and_nothing_else(visit: Visit) -> None:
    ids = [visit.add(MIXED) for _ in range(45)]
    other = visit.add(PLAIN)
    visit.send("/inbox/bulk", here="/inbox?theme=empathie", all="1", action="status:closed")
    assert {visit.item(id_)["status"] for id_ in ids} == {"closed"}
    assert visit.item(other)["status"] == "new"


@pytest.mark.parametrize("action", ["status:lost", "handler:999", "erase", "status:"])
def test_a_bulk_action_that_does_not_exist_changes_nothing(visit: Visit, action: str) -> None:
    id_ = visit.add(PLAIN)
    response = visit.send("/inbox/bulk", here="/inbox", id=[id_], action=action)
    assert response.status_code == 422
    assert "<h1>" in response.text
    assert visit.item(id_)["version"] == 1


def test_without_a_choice_the_page_says_what_is_missing(visit: Visit) -> None:
    visit.add(PLAIN)
    answer = visit.send("/inbox/bulk", here="/inbox", action="confirm")
    assert answer.headers["location"] == "/inbox?notice=none-chosen"
    assert "Vink eerst" in visit.page(answer.headers["location"])


def test_nobody_is_sent_to_another_site(visit: Visit) -> None:
    for here in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = visit.send("/inbox/bulk", here=here, action="confirm")
        assert answer.headers["location"].startswith("/inbox?")
        answer = visit.client.get("/language/en", params={"next": here}, follow_redirects=False)
        assert answer.headers["location"] == "/inbox"


def test_a_view_is_kept_found_and_removed(visit: Visit) -> None:
    visit.add(MIXED)
    visit.send("/inbox/views", here="/inbox?theme=empathie&sort=newest", name="Lof")
    page = visit.page("/inbox", theme="empathie", sort="newest")
    assert '<a href="/inbox?theme=empathie&amp;sort=newest" aria-current="page">Lof</a>' in page
    id_ = page.split('name="id" value="')[1].split('"')[0]
    visit.send("/inbox/views/remove", here="/inbox", id=id_)
    assert ">Lof<" not in visit.page("/inbox")


def test_new_items_are_announced(visit: Visit) -> None:
    id_ = visit.add(PLAIN)
    visit.add(MIXED)
    visit.add(PLAIN)
    assert visit.get("/inbox/new", since=id_).json() == {"count": 2, "text": "2 nieuwe items: tonen"}
    assert visit.get("/inbox/new", since=id_, theme="empathie").json()["count"] == 1


def test_an_empty_inbox_teaches(visit: Visit) -> None:
    assert "Er is nog niets binnen" in visit.page("/inbox")
    visit.add(PLAIN)
    assert "Probeer minder woorden" in visit.page("/inbox", q="zeppelin")


@pytest.mark.parametrize("change", [lambda query: query.url(after="x"), lambda query: query.query_string()])
def test_an_address_has_only_what_differs_from_the_usual(change: Callable[[InboxQuery], str]) -> None:
    assert "sort" not in change(InboxQuery())
    assert "sort=newest" in change(replace(InboxQuery(), sort="newest"))

"""What a hostile text, name or file can do: nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.database.engine import Database

SCRIPT = "<script>alert(1)</script> <img src=x onerror=alert(2)> {{7*7}} in de wacht"
NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "a\0b.csv",
    "....//x.csv",
    "%2e%2e%2fx.csv",
]


def add(client: TestClient, text: str, **more: object) -> int:
    body = {"items": [{"source": "crm", "text": text, **more}]}
    response = client.post("/v1/feedback", json=body)
    assert response.status_code == 201, response.text
    return int(response.json()["results"][0]["id"])


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_upload_leads_nowhere(client: TestClient, tmp_path: Path, name: str) -> None:
    before = {path for path in tmp_path.parent.rglob("*") if path.is_file()}
    files = {"file": (name, b"toelichting\nPrima\n")}
    response = client.post("/v1/jobs", files=files)
    assert response.status_code == 202, response.text
    told = response.json()["filename"]
    assert "/" not in told
    assert "\\" not in told
    assert ".." not in told.split("%")[0].replace("....", "") or told.startswith("%2e")
    after = {path for path in tmp_path.parent.rglob("*") if path.is_file()}
    assert {path for path in after - before if not path.name.startswith("feedback.db")} == set()


@pytest.mark.parametrize(
    "path", ["/static/x/../../settings.py", "/static/..%2f..%2fsettings.py/x", "/static/x/%2e%2e"]
)
def test_static_files_are_those_that_are_meant(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "BaseSettings" not in response.text


def test_a_script_in_a_feedback_text_is_shown_and_not_run(client: TestClient) -> None:
    """Stored script, in every place of the pages where a text or a sender's word comes up."""
    id_ = add(
        client, SCRIPT, external_id="<script>alert(3)</script>", meta={"<b>": "<script>alert(4)</script>"}
    )
    assert client.post(f"/v1/feedback/{id_}/corrections", json={"note": SCRIPT}).status_code == 201
    for path in (f"/items/{id_}", "/inbox", "/mismatches", "/admin/audit", "/admin/jobs"):
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200, path
        assert page.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        assert "49 in de wacht" not in page.text, path


@pytest.mark.parametrize(
    "path",
    [
        "/inbox?q={}",
        "/inbox?status={}",
        "/inbox?theme={}",
        "/login?next={}",
        "/items/{}",
        "/language/{}",
        "/appearance/{}",
        "/inbox?notice={}",
        "/mismatches?after={}",
        "/{}",
    ],
)
def test_a_script_in_an_address_is_not_reflected(client: TestClient, path: str) -> None:
    response = client.get(path.format("%3Cscript%3Ealert(1)%3C/script%3E"), headers={"Accept": "text/html"})
    if response.headers["content-type"].startswith("text/html"):
        assert "<script>alert" not in response.text
    else:
        assert response.headers["x-content-type-options"] == "nosniff"


def test_a_script_in_the_login_form_is_not_reflected(client: TestClient) -> None:
    token = re.search(r'value="([0-9a-f]{64})"', client.get("/login").text)
    assert token
    fields = {
        "csrf_token": token[1],
        "name": SCRIPT,
        "password": SCRIPT,
        "next": "/<script>alert(1)</script>",
    }
    assert "<script>alert" not in client.post("/login", data=fields).text


def test_downloads_are_saved_and_never_shown(client: TestClient) -> None:
    job = client.post("/v1/jobs", files={"file": ("a.csv", b"toelichting\nPrima\n")}).json()["id"]
    for path in ("/v1/corrections/export", f"/v1/jobs/{job}/result", f"/v1/jobs/{job}/errors"):
        headers = client.get(path).headers
        assert headers["content-disposition"].startswith("attachment;")
        assert headers["content-type"].startswith("application/jsonl")
        assert headers["x-content-type-options"] == "nosniff"


def test_no_export_of_the_service_is_a_sheet_that_could_hold_formulas(client: TestClient) -> None:
    """A cell that begins with = + - @ is run by spreadsheets; all exports are JSON Lines, where it is only a text."""
    schema = client.get("/openapi.json").json()
    kinds = {
        kind
        for path in schema["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for kind in response.get("content", {})
    }
    assert not {kind for kind in kinds if "csv" in kind or "sheet" in kind or "excel" in kind}


def test_a_search_is_no_sql_and_no_search_language_that_hangs(client: TestClient, sqlite_url: str) -> None:
    add(client, "In de wacht.")
    for search in (
        "'; DROP TABLE feedback; --",
        '" OR 1=1 --',
        "a" * 200,
        '"' * 199,
        "NEAR(a b, 9)",
        "*" * 200,
        "-" * 200,
    ):
        began = time.perf_counter()
        assert client.get("/v1/feedback", params={"q": search}).status_code == 200
        assert time.perf_counter() - began < 5
    database = Database(sqlite_url)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM feedback").scalar() == 1
    database.close()

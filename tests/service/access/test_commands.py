from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from feedback_nlp.cli import app
from service.access.sessions import Sessions
from service.access.usage import Usage
from service.database.engine import Database
from service.errors import ConflictError, InvalidError, NotFoundError
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.redaction import default_redactor
from tests.service.access.support import CHEAP, TERMINAL
from tests.service.support import WordAnalyzer


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("FEEDBACK_NLP_PASSWORD_ROUNDS", "1")
    monkeypatch.setenv("FEEDBACK_NLP_PASSWORD_MEMORY_KIB", "64")


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def test_the_first_admin_gets_a_password_that_lets_in_and_is_made_once(store: Database) -> None:
    first = run("user", "add", "admin", "--role", "admin", "--generate", "--if-none")
    shown = re.search(r"shown only now: (\S+)", first.output)
    assert shown
    sessions = Sessions(store, CHEAP, Usage(store))
    token = sessions.sign_in("admin", shown[1], "192.0.2.1")
    assert token is not None
    person = sessions.recognise(token)
    assert person is not None
    assert (person.role, person.must_change_password) == ("admin", True)
    again = run("user", "add", "admin", "--role", "admin", "--generate", "--if-none")
    assert (again.exit_code, again.output) == (0, "")


def test_a_password_can_come_from_standard_input_and_is_not_shown(store: Database) -> None:
    result = run("user", "add", "joke", "--password-stdin", typed="correct horse battery\n")
    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert Sessions(store, CHEAP, Usage(store)).sign_in("joke", "correct horse battery", "192.0.2.1")


def test_users_are_listed_with_what_they_are() -> None:
    run("user", "add", "root", "--role", "admin", "--generate")
    run("user", "add", "joke", "--display-name", "Joke Jansen", "--sso")
    run("user", "disable", "joke")
    lines = [line.split() for line in run("user", "list").output.splitlines()]
    assert lines[0] == ["NAME", "ROLE", "DISPLAY", "NAME", "STATE", "LAST", "LOGIN"]
    assert lines[1] == ["joke", "handler", "Joke", "Jansen", "disabled", "never"]
    assert lines[2] == ["root", "admin", "active", "never"]
    run("user", "enable", "joke")
    run("user", "role", "joke", "analyst")
    assert "joke  analyst  Joke Jansen   active" in run("user", "list").output


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("user", "add", "Joke", "--generate"), InvalidError),
        (("user", "add", "joke", "--role", "boss", "--generate"), InvalidError),
        (("user", "disable", "nobody"), NotFoundError),
        (("user", "disable", "root"), ConflictError),
        (("key", "create", "crm", "--scope", "fly"), InvalidError),
        (("key", "revoke", "aaaaaaaa"), NotFoundError),
    ],
)
def test_what_cannot_be_is_told(arguments: tuple[str, ...], error: type[Exception]) -> None:
    run("user", "add", "root", "--role", "admin", "--generate")
    assert isinstance(run(*arguments).exception, error)


def test_a_key_is_shown_once_and_never_again(store: Database) -> None:
    shown = re.search(r"fnlp_([a-z0-9]{8})_\S{43}", run("key", "create", "crm", "--scope", "read").output)
    assert shown
    listed = run("key", "list").output
    assert re.search(rf"{shown[1]}\s+crm\s+read\s+usable\s+\d{{4}}-\d\d-\d\d \d\d:\d\d\s+never", listed)
    assert shown[0] not in listed
    rotated = run("key", "rotate", shown[1], "--grace-hours", "0").output
    assert re.search(r"fnlp_[a-z0-9]{8}_\S{43}", rotated)
    states = [line.split()[3] for line in run("key", "list").output.splitlines()[1:]]
    assert states == ["expired", "usable"]
    new = run("key", "list").output.splitlines()[2].split()[0]
    run("key", "revoke", new)
    assert "revoked" in run("key", "list").output


def add_feedback(store: Database) -> None:
    with store.write() as session:
        service = FeedbackService(session, WordAnalyzer(), default_redactor(), TERMINAL)
        service.add([NewFeedback("In de wacht.", "crm", "K-1")])


def test_erasing_asks_first_and_tells_what_went(store: Database) -> None:
    add_feedback(store)
    refused = run("erase", "K-1", typed="n\n")
    assert refused.exit_code == 1
    assert "1 items will be gone for good" in refused.output
    done = run("erase", "K-1", "--yes")
    assert '"items": 1' in done.output
    assert '"items": 0' in run("erase", "K-1", "--yes").output


def test_all_that_is_held_goes_into_a_file(store: Database, tmp_path: Path) -> None:
    add_feedback(store)
    result = run("disclose", "K-1", "--source", "crm", "--out", str(tmp_path / "K-1.json"))
    assert "1 items were written" in result.output
    assert "In de wacht." in (tmp_path / "K-1.json").read_text()


def test_retention_says_what_it_does_and_what_it_would_do(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("retention").output == "nothing is old enough\n"
    add_feedback(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE feedback SET received_at = '2020-01-01 00:00:00.000000'")
    assert re.match(
        r"feedback: 1 from before \d{4}-\d\d-\d\d would be destroyed\n", run("retention", "--dry-run").output
    )
    assert re.match(r"feedback: 1 from before \d{4}-\d\d-\d\d destroyed\n", run("retention").output)

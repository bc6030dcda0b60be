from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.app import create_app
from service.audit.tables import AuditRow
from service.database.engine import Database
from service.models.live import ModelHost
from service.privacy.originals import Originals, OriginalsError
from service.privacy.tables import OriginalRow
from service.settings import Settings

MAIL = "piet.puk@voorbeeld.nl"
TEXT = f"Mail mij op {MAIL}, ik stond in de wacht."


@pytest.fixture
def keeping(sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    """A service that keeps originals."""
    settings = Settings(
        database_url=sqlite_url,
        background=False,
        require_keys=False,
        originals_keys=[Fernet.generate_key().decode()],
    )
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


def add(client: TestClient, text: str) -> int:
    response = client.post("/v1/feedback", json={"items": [{"source": "crm", "text": text}]})
    return int(response.json()["results"][0]["id"])


def test_by_default_no_original_is_kept(client: TestClient, sqlite_url: str) -> None:
    id_ = add(client, TEXT)
    assert client.get(f"/v1/feedback/{id_}/original").status_code == 404
    database = Database(sqlite_url)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OriginalRow)) == 0
    database.close()


def test_a_kept_original_is_ciphertext_on_disk_and_each_reading_is_noted(
    keeping: TestClient, sqlite_url: str, tmp_path: Path
) -> None:
    id_ = add(keeping, TEXT)
    for path in tmp_path.glob("feedback.db*"):
        assert MAIL.encode() not in path.read_bytes()
    assert MAIL not in keeping.get(f"/v1/feedback/{id_}").text
    assert keeping.get(f"/v1/feedback/{id_}/original").json() == {"text": TEXT}
    database = Database(sqlite_url)
    with database.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.action == "original.read")).one()
    assert noted.subject_id == str(id_)
    database.close()


def test_a_text_that_redaction_left_alone_is_not_kept_twice(keeping: TestClient) -> None:
    assert keeping.get(f"/v1/feedback/{add(keeping, 'In de wacht.')}/original").status_code == 404


def test_the_original_goes_with_its_item(keeping: TestClient, sqlite_url: str) -> None:
    id_ = add(keeping, TEXT)
    assert keeping.delete(f"/v1/feedback/{id_}").status_code == 204
    database = Database(sqlite_url)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OriginalRow)) == 0
    database.close()


def test_a_new_key_reads_what_an_older_one_kept_and_a_strange_one_does_not() -> None:
    old, new, strange = (Fernet.generate_key().decode() for _ in range(3))
    kept = OriginalRow(feedback_id=1, ciphertext=Fernet(old).encrypt(b"tekst"))
    assert Originals([new, old]).open(kept) == "tekst"
    with pytest.raises(OriginalsError, match="another key"):
        Originals([strange]).open(kept)

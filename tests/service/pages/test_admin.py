from __future__ import annotations

import re
from datetime import timedelta

from service.database.base import now
from service.database.engine import Database
from service.privacy.retention import destroy_expired, periods
from service.settings import Settings
from tests.service.pages.conftest import COMPLAINT, MIXED, Visit


def test_a_user_is_added_with_a_password_that_is_shown_once(visit: Visit) -> None:
    page = visit.send("/admin/users", name="carla", role="handler", display_name="Carla Smit").text
    secret = re.search(r"<code>([a-z0-9-]{20,})</code>", page)
    assert secret is not None
    again = visit.page("/admin/users")
    assert secret[1] not in again
    assert "Carla Smit" in again


def test_a_user_is_disabled_enabled_and_given_another_role(visit: Visit) -> None:
    visit.send("/admin/users", name="carla", role="handler")
    assert "Inschakelen" in visit.send("/admin/users/change", name="carla", do="disable").text
    assert "Uitschakelen" in visit.send("/admin/users/change", name="carla", do="enable").text
    changed = visit.send("/admin/users/change", name="carla", do="role", role="analyst").text
    assert "<option selected>analyst</option>" in changed


def test_what_cannot_be_a_user_is_refused_with_a_page(visit: Visit) -> None:
    answer = visit.send("/admin/users", name="Carla Smit!", role="handler")
    assert answer.status_code == 422
    assert "Dat kon niet verwerkt worden" in answer.text


def test_a_key_is_made_shown_once_and_revoked(visit: Visit) -> None:
    page = visit.send("/admin/keys", name="crm", scope=["read", "write"], days="30").text
    secret = page.split("<code>")[1].split("</code>")[0]
    listed = visit.page("/admin/keys")
    assert secret not in listed
    assert "read, write" in listed
    prefix = listed.split('name="prefix" value="')[1].split('"')[0]
    assert secret.count(prefix) == 1
    visit.send("/admin/keys/revoke", prefix=prefix)
    assert "beëindigd" in visit.page("/admin/keys")


def test_the_log_says_who_did_what_and_can_be_filtered(visit: Visit) -> None:
    id_ = visit.add(MIXED)
    visit.send(f"/items/{id_}/status", status="closed")
    visit.send("/admin/users", name="carla", role="handler")
    page = visit.page("/admin/audit")
    assert "feedback.changed" in page
    assert "status: new → closed" in page
    assert "feedback.changed" not in visit.page("/admin/audit", action="user.")
    assert "user.added" in visit.page("/admin/audit", action="user.")
    assert "wacht" not in page


def test_a_subscription_is_listed_and_removed(visit: Visit) -> None:
    body = {"url": "https://93.184.216.34/hook", "types": ["feedback.signal"]}
    made = visit.client.post("/v1/subscriptions", json=body)
    assert made.status_code == 201, made.text
    visit.add(COMPLAINT)
    page = visit.page("/admin/webhooks")
    assert "93.184.216.34" in page
    assert "onderweg" in page
    visit.send("/admin/webhooks/remove", id=made.json()["id"])
    assert "93.184.216.34" not in visit.page("/admin/webhooks")


def test_a_webhook_gets_another_secret_that_is_shown_once(visit: Visit) -> None:
    body = {"url": "https://93.184.216.34/hook", "types": ["feedback.signal"]}
    made = visit.client.post("/v1/subscriptions", json=body).json()
    page = visit.send("/admin/webhooks/rotate", id=made["id"], hours="24").text
    secret = re.search(r"<code>(whsec_[^<]{40,})</code>", page)
    assert secret is not None
    assert secret[1] != made["secret"]
    listed = visit.page("/admin/webhooks")
    assert "whsec_" not in listed
    assert "het oude geheim ondertekent ook nog tot" in listed
    visit.send("/admin/webhooks/rotate", id=made["id"], hours="0")
    assert "ondertekent ook nog tot" not in visit.page("/admin/webhooks")


def test_a_job_is_listed_with_how_far_it_is(visit: Visit) -> None:
    visit.client.post("/v1/jobs", files={"file": ("enquete.csv", b"text\nhallo\n", "text/csv")})
    page = visit.page("/admin/jobs")
    assert "enquete.csv" in page
    assert "wacht" in page


def test_the_retention_page_says_what_is_kept_how_long_what_is_due_and_what_was_destroyed(
    visit: Visit, database: Database
) -> None:
    visit.add(MIXED)
    settings = Settings(retention_feedback_days=10, retention_jobs_days=None)
    long_after = now() + timedelta(days=11)
    [due] = [one for one in periods(database, settings, moment=long_after) if one.kind == "feedback"]
    assert (due.days, due.due) == (10, 1)
    page = visit.page("/admin/retention")
    assert "730 dagen" in page
    assert "Nog niets was oud genoeg" in page
    destroy_expired(database, settings, moment=long_after)
    page = visit.page("/admin/retention")
    assert "Nog niets was oud genoeg" not in page
    assert page.count("Feedback met analyses en correcties") == 2

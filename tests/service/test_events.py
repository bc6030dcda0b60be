from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from service.database.base import now
from service.database.engine import Database
from service.events.delivery import RETRIES, DeliveryWorker
from service.events.repository import EventsRepository
from service.events.sender import Sender
from service.events.signing import SigningSecrets, UnreadableSecretError, seal_secrets
from service.events.tables import SubscriptionRow
from service.events.targets import ForbiddenTargetError, Targets
from service.sealing import is_sealed
from service.settings import Settings

LOOPBACK = "127.0.0.1/32"
KEY = Fernet.generate_key().decode()


class Receiver:
    """A real HTTP server that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append(({key.lower(): value for key, value in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def api(store_url: str, running: Callable[[Settings], TestClient]) -> TestClient:
    """An application that may send to this machine."""
    return running(
        Settings(
            database_url=store_url,
            background=False,
            webhook_allowed_networks=[LOOPBACK],
            require_keys=False,
        )
    )


class Clock:
    def __init__(self) -> None:
        self.moment = now()

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, by: timedelta) -> None:
        self.moment += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(database: Database, clock: Clock) -> Iterator[DeliveryWorker]:
    sender = Sender(Targets([LOOPBACK]))
    yield DeliveryWorker(database, sender, SigningSecrets(Settings()), clock=clock)
    sender.close()


def subscribe(api: TestClient, receiver: Receiver, *types: str) -> dict[str, Any]:
    response = api.post("/v1/subscriptions", json={"url": receiver.url, "types": list(types)})
    assert response.status_code == 201, response.text
    subscription: dict[str, Any] = response.json()
    return subscription


def add(api: TestClient, text: str, **fields: Any) -> int:
    response = api.post("/v1/feedback", json={"items": [{"text": text, **fields}]})
    id_: int = response.json()["results"][0]["id"]
    return id_


def run(worker: DeliveryWorker, clock: Clock) -> None:
    clock.moment = max(clock.moment, now())
    while worker.step(threading.Event()):
        pass


def deliveries(api: TestClient, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("/v1/deliveries", params=query).json()["items"]
    return items


def test_a_receiver_with_the_standard_library_verifies_our_signature(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    secret = subscribe(api, receiver, "feedback.analysed")["secret"]
    id_ = add(api, "In de wacht, en ik ben Piet Jansen.", external_id="42")
    run(worker, clock)
    ((headers, body),) = receiver.requests
    verified = Webhook(secret).verify(body, headers)
    assert verified["type"] == "feedback.analysed"
    assert verified["data"] == {
        "feedback_id": id_,
        "source": "api",
        "external_id": "42",
        "model_version": "1",
        "themes": ["bereikbaarheid"],
        "needs_review": False,
    }
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(body, headers)


def test_while_a_secret_is_changed_both_verify_and_afterwards_the_new_one_alone(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    made = subscribe(api, receiver, "feedback.analysed")
    changed = api.post(f"/v1/subscriptions/{made['id']}/rotate", params={"overlap_hours": 2}).json()
    assert changed["secret"] != made["secret"]
    assert changed["old_secret_until"] is not None
    old, new = Webhook(made["secret"]), Webhook(changed["secret"])
    add(api, "De premie.")
    run(worker, clock)
    headers, body = receiver.requests[-1]
    assert old.verify(body, headers) == new.verify(body, headers)
    clock.forward(timedelta(hours=2, minutes=1))
    add(api, "De website.")
    run(worker, clock)
    headers, body = receiver.requests[-1]
    assert new.verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        old.verify(body, headers)


def test_a_secret_in_wrong_hands_is_dropped_at_once(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock, database: Database
) -> None:
    made = subscribe(api, receiver, "feedback.analysed")
    add(api, "De premie.")  # it waits, and is then signed with the new secret alone
    path = f"/v1/subscriptions/{made['id']}/rotate"
    api.post(path)
    last = api.post(path, params={"overlap_hours": 0}).json()
    assert last["old_secret_until"] is None
    run(worker, clock)
    headers, body = receiver.requests[-1]
    assert Webhook(last["secret"]).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body, headers)
    assert api.post("/v1/subscriptions/99/rotate").status_code == 404
    assert api.post(path, params={"overlap_hours": 169}).status_code == 422


def test_an_old_secret_is_forgotten_when_it_signs_nothing_any_more(
    api: TestClient, receiver: Receiver, database: Database
) -> None:
    made = subscribe(api, receiver, "feedback.analysed")
    api.post(f"/v1/subscriptions/{made['id']}/rotate")
    for moment, kept in ((now(), made["secret"]), (now() + timedelta(hours=25), None)):
        with database.write() as session:
            EventsRepository(session).forget_old_secrets(moment)
        with database.read() as session:
            row = session.get(SubscriptionRow, made["id"])
            assert row is not None
            assert row.old_secret == kept


def settings_with(store_url: str, *keys: str) -> Settings:
    return Settings(
        database_url=store_url,
        background=False,
        webhook_allowed_networks=[LOOPBACK],
        require_keys=False,
        secrets_keys=[SecretStr(key) for key in keys],
    )


def kept_secrets(database: Database) -> list[str]:
    with database.read() as session:
        rows = EventsRepository(session).subscriptions()
        return [secret for row in rows for secret in (row.secret, row.old_secret) if secret]


def test_with_a_key_secrets_lie_in_the_store_as_ciphertext_and_sign_as_before(
    store_url: str,
    database: Database,
    running: Callable[[Settings], TestClient],
    receiver: Receiver,
    clock: Clock,
) -> None:
    settings = settings_with(store_url, KEY)
    api = running(settings)
    made = subscribe(api, receiver, "feedback.analysed")
    changed = api.post(f"/v1/subscriptions/{made['id']}/rotate").json()
    for secret in (made["secret"], changed["secret"]):
        assert secret.startswith("whsec_")
        assert secret not in " ".join(kept_secrets(database))
    assert all(is_sealed(kept) for kept in kept_secrets(database))
    add(api, "De premie.")
    sender = Sender(Targets([LOOPBACK]))
    # Without the key nothing is sent, and it is tried again later.
    worker = DeliveryWorker(database, sender, SigningSecrets(Settings()), clock=clock)
    run(worker, clock)
    assert receiver.requests == []
    (waiting,) = deliveries(api)
    assert waiting["status"] == "pending"
    assert waiting["last_error"] == "none of FEEDBACK_NLP_SECRETS_KEYS opens its secret"
    clock.forward(RETRIES[0] * 1.3)
    run(DeliveryWorker(database, sender, SigningSecrets(settings), clock=clock), clock)
    sender.close()
    ((headers, body),) = receiver.requests
    for secret in (made["secret"], changed["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "feedback.analysed"


def test_a_start_encrypts_secrets_that_lay_in_plain_and_takes_a_new_key_over(
    store_url: str, database: Database, api: TestClient, receiver: Receiver
) -> None:
    made = subscribe(api, receiver, "feedback.analysed")
    changed = api.post(f"/v1/subscriptions/{made['id']}/rotate").json()
    plain = [changed["secret"], made["secret"]]
    seal_secrets(database, settings_with(store_url))
    assert kept_secrets(database) == plain
    seal_secrets(database, settings_with(store_url, KEY))
    sealed = kept_secrets(database)
    assert all(is_sealed(kept) for kept in sealed)
    seal_secrets(database, settings_with(store_url, KEY))
    assert kept_secrets(database) == sealed
    other = Fernet.generate_key().decode()
    seal_secrets(database, settings_with(store_url, other))
    assert kept_secrets(database) == sealed, "what no key opens is left as it is"
    seal_secrets(database, settings_with(store_url, other, KEY))
    assert list(SigningSecrets(settings_with(store_url, other)).open(kept_secrets(database))) == plain


def test_an_old_secret_that_no_key_opens_is_left_out_of_the_signatures(store_url: str) -> None:
    lost = SigningSecrets(settings_with(store_url, Fernet.generate_key().decode())).seal("whsec_old")
    signing = SigningSecrets(settings_with(store_url, KEY))
    assert signing.open([signing.seal("whsec_new"), lost]) == ("whsec_new",)
    with pytest.raises(UnreadableSecretError):
        signing.open([lost, signing.seal("whsec_new")])


def test_no_event_holds_a_text(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed", "feedback.signal", "feedback.corrected")
    id_ = add(api, "Zeldzaamwoord: dit is een klacht.", meta={"k": "zeldzaamwoord"})
    api.post(f"/v1/feedback/{id_}/corrections", json={"note": "zeldzaamwoord"})
    run(worker, clock)
    assert sorted(event["type"] for event in receiver.events) == [
        "feedback.analysed",
        "feedback.corrected",
        "feedback.signal",
    ]
    assert b"eldzaam" not in b"".join(body for _, body in receiver.requests)


def test_only_the_types_that_were_asked_for_are_sent(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.signal")
    add(api, "De premie is hoog.")
    add(api, "Dit is een klacht, ik ga naar het Kifid.")
    run(worker, clock)
    (event,) = receiver.events
    assert event["data"]["signals"] == ["escalatie", "klacht"]


def test_what_is_refused_leaves_no_event(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    add(api, "De premie.", external_id="1")
    run(worker, clock)
    bad = {"items": [{"text": "Nieuw."}, {"text": "De website.", "external_id": "1"}]}
    assert api.post("/v1/feedback", json=bad).status_code == 409
    run(worker, clock)
    assert len(receiver.requests) == 1


def test_a_failed_delivery_is_sent_again_later_with_the_same_id(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    receiver.answers = [(500, {}), (302, {"location": receiver.url})]
    add(api, "De premie.")
    run(worker, clock)
    assert len(receiver.requests) == 1
    for pause in RETRIES[:2]:
        clock.forward(pause * 1.3)
        run(worker, clock)
    assert len(receiver.requests) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1
    (delivery,) = deliveries(api)
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("delivered", 3, 204)


def test_what_nobody_takes_for_three_days_is_dead_and_can_be_replayed(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    receiver.answers = [(503, {})] * 99
    add(api, "De premie.")
    run(worker, clock)
    for pause in RETRIES:
        clock.forward(pause * 1.3)
        run(worker, clock)
    clock.forward(timedelta(days=30))
    run(worker, clock)
    assert len(receiver.requests) == len(RETRIES) + 1
    assert timedelta(days=2) < sum(RETRIES, timedelta()) < timedelta(days=5)
    (dead,) = deliveries(api, status="dead")
    assert dead["last_error"] == "answered 503"
    receiver.answers = []
    assert api.post(f"/v1/deliveries/{dead['id']}/replay").status_code == 202
    run(worker, clock)
    assert deliveries(api)[0]["status"] == "delivered"
    assert receiver.requests[-1][0]["webhook-id"] == dead["event_id"]


def test_a_receiver_that_is_gone_is_sent_nothing_more(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    receiver.answers = [(410, {})]
    add(api, "De premie.")
    run(worker, clock)
    add(api, "De website.")
    run(worker, clock)
    assert len(receiver.requests) == 1
    assert api.get("/v1/subscriptions").json()[0]["active"] is False


def test_a_worker_that_dies_while_sending_leaves_it_to_another(
    api: TestClient, receiver: Receiver, database: Database, worker: DeliveryWorker, clock: Clock
) -> None:
    class Dying:
        def send(self, message: object) -> Any:
            raise SystemExit

    subscribe(api, receiver, "feedback.analysed")
    add(api, "De premie.")
    clock.moment = now()
    with pytest.raises(SystemExit):
        DeliveryWorker(database, Dying(), SigningSecrets(Settings()), clock=clock).step(threading.Event())  # type: ignore[arg-type]
    run(worker, clock)
    assert receiver.requests == [], "the dead worker's claim still holds"
    clock.forward(timedelta(minutes=5))
    run(worker, clock)
    assert len(receiver.requests) == 1


def test_two_workers_do_not_send_the_same_delivery(
    api: TestClient, receiver: Receiver, database: Database, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    for n in range(20):
        add(api, f"De premie {n}.")
    clock.moment = now()
    threads = [threading.Thread(target=worker.step, args=(threading.Event(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run(worker, clock)
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 20
    assert len(receiver.requests) == 20


def test_a_secret_is_shown_once(api: TestClient, receiver: Receiver) -> None:
    assert subscribe(api, receiver, "feedback.signal")["secret"].startswith("whsec_")
    assert "secret" not in api.get("/v1/subscriptions").json()[0]


def test_an_ended_subscription_is_sent_nothing(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    id_ = subscribe(api, receiver, "feedback.analysed")["id"]
    add(api, "De premie.")
    assert api.delete(f"/v1/subscriptions/{id_}").status_code == 204
    assert api.delete(f"/v1/subscriptions/{id_}").status_code == 404
    run(worker, clock)
    assert receiver.requests == []
    assert deliveries(api) == []


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_to_an_internal_address_is_refused(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock, status: int
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    elsewhere = receiver.url.replace("127.0.0.1", "127.0.0.2")
    receiver.answers = [(status, {"location": elsewhere})]
    add(api, "De premie.")
    run(worker, clock)
    (delivery,) = deliveries(api)
    assert len(receiver.requests) == 1
    assert delivery["last_error"] == "refused: the host '127.0.0.2' has an address that is not public"


def test_a_redirect_to_an_allowed_address_is_followed(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    receiver.answers = [(307, {"location": "/other"})]
    add(api, "De premie.")
    run(worker, clock)
    assert deliveries(api)[0]["status"] == "delivered"
    assert len(receiver.requests) == 2


def test_endless_redirects_are_given_up(
    api: TestClient, receiver: Receiver, worker: DeliveryWorker, clock: Clock
) -> None:
    subscribe(api, receiver, "feedback.analysed")
    receiver.answers = [(308, {"location": "/again"})] * 20
    add(api, "De premie.")
    run(worker, clock)
    assert deliveries(api)[0]["last_error"] == "more than 3 redirects"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.2/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://172.16.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[2002:0a00:0001::]/",
        "https://2130706434/",
        "https://0x7f.2/",
        "https://user:pass@93.184.216.34/",
        "ftp://93.184.216.34/",
        "http://93.184.216.34/",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://example.invalid/",
        "nothing",
    ],
)
def test_an_internal_or_unusable_target_is_refused(client: TestClient, url: str) -> None:
    response = client.post("/v1/subscriptions", json={"url": url, "types": ["feedback.signal"]})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/url"


def test_a_name_is_refused_when_any_of_its_addresses_is_internal() -> None:
    targets = Targets(resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(ForbiddenTargetError, match="not public"):
        targets.check("https://klantsysteem.example/hook")


def test_a_name_that_changes_its_address_after_the_subscription_is_refused_at_delivery() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    targets = Targets(resolve=lambda host, port: next(answers))
    assert targets.check("https://klantsysteem.example/hook").address == "93.184.216.34"
    with pytest.raises(ForbiddenTargetError):
        targets.check("https://klantsysteem.example/hook")


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7"))
def test_no_private_address_is_ever_a_target(address: object) -> None:
    targets = Targets(resolve=lambda host, port: [str(address)])
    with pytest.raises(ForbiddenTargetError):
        targets.check("https://klantsysteem.example/")

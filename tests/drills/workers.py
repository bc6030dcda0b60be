"""Background workers in a process of their own, to be killed: `python -m tests.drills.workers jobs|deliveries URL`."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path

from feedback_nlp.analyzer import check_text
from feedback_nlp.privacy import Redactor
from service import logs
from service.background import Background
from service.database.engine import Database
from service.events.delivery import DeliveryWorker
from service.events.sender import Sender
from service.events.targets import Targets
from service.jobs.worker import JobWorker
from service.models.live import ModelHost
from tests.service.support import fake_load

LEASE = timedelta(seconds=1)


def main(kind: str, url: str) -> None:
    logs.configure()
    database = Database(url)
    worker: JobWorker | DeliveryWorker
    if kind == "jobs":
        host = ModelHost(lambda: Path("models/feedback-words/1"), fake_load)
        host.refresh()
        worker = JobWorker(database, host, Redactor.default(), lease=LEASE)
    else:
        worker = DeliveryWorker(database, Sender(Targets(["127.0.0.1/32"])), lease=LEASE)
    check_text("De zware modules zijn nu geladen.")
    Background(worker, pause=0.05, pause_after_error=0.2).start()
    print("working", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

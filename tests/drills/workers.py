"""Background workers in processes of their own, to be killed: `python -m tests.drills.workers`.

It loads everything once and then, for each line `jobs URL` or `deliveries URL` on standard input, forks a worker and
says its process id when it has begun to work.
"""

from __future__ import annotations

import os
import signal
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
from service.events.signing import SigningSecrets
from service.events.targets import Targets
from service.jobs.worker import JobWorker
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import fake_load

LEASE = timedelta(seconds=1)


def main() -> None:
    logs.configure()
    Redactor.default().redact(check_text("De zware modules zijn nu geladen."))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for line in sys.stdin:
        kind, url = line.split()
        if os.fork() == 0:
            work(kind, url)


def work(kind: str, url: str) -> None:
    database = Database(url)
    worker: JobWorker | DeliveryWorker
    if kind == "jobs":
        host = ModelHost(lambda: Path("models/feedback-words/1"), fake_load)
        host.refresh()
        worker = JobWorker(database, host, Redactor.default(), lease=LEASE)
    else:
        worker = DeliveryWorker(
            database, Sender(Targets(["127.0.0.1/32"])), SigningSecrets(Settings()), lease=LEASE
        )
    Background(worker, pause=0.05, pause_after_error=0.2).start()
    print(os.getpid(), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()

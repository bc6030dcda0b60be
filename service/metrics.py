"""Prometheus metrics, and where they are read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis
from service.database.engine import Database
from service.errors import NoModelError
from service.events.repository import EventsRepository
from service.jobs.repository import JobsRepository
from service.models.live import ModelHost

__all__ = ["CONTENT_TYPE", "Metrics", "StateCollector"]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What one application counts; in `PROMETHEUS_MULTIPROC_DIR` the counts of all its processes are put together."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self.requests = Counter(
            "feedback_nlp_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latency = Histogram(
            "feedback_nlp_request_seconds",
            "Time to the first byte of the answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.analysed = Counter(
            "feedback_nlp_texts_total",
            "Texts analysed, by model version; outcome is analysed, review or failed.",
            ("model", "outcome"),
            registry=self.registry,
        )
        self.themes = Counter(
            "feedback_nlp_themes_total", "Themes assigned.", ("theme",), registry=self.registry
        )

    def count(self, answers: Iterable[Analysis | TextError], model: str) -> None:
        """Count analyses: themes assigned, and how many need review."""
        for answer in answers:
            if isinstance(answer, TextError):
                self.analysed.labels(model, "failed").inc()
                continue
            self.analysed.labels(model, "review" if answer.needs_review else "analysed").inc()
            for theme in answer.assigned_themes:
                self.themes.labels(theme.code).inc()

    def render(self, state: Collector) -> bytes:
        """Everything in Prometheus's text format."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(state)
        return generate_latest(registry) + generate_latest(now)


class StateCollector(Collector):
    """What is so at the moment of asking: the model in use and the depth of the queues."""

    def __init__(self, models: ModelHost, database: Database) -> None:
        self._models = models
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Ask the host and the store."""
        model = GaugeMetricFamily(
            "feedback_nlp_model_info", "The model in use.", labels=("name", "version", "digest")
        )
        try:
            info = self._models.current().analyzer.info
            model.add_metric((info.name, info.version, info.digest), 1)
        except NoModelError:
            pass
        yield model
        queue = GaugeMetricFamily("feedback_nlp_queue_depth", "What waits.", labels=("queue", "status"))
        with self._database.read() as session:
            for name, depths in (
                ("jobs", JobsRepository(session).depth()),
                ("deliveries", EventsRepository(session).depth()),
            ):
                for status, depth in depths.items():
                    queue.add_metric((name, status), depth)
        yield queue

"""The service as `serve` starts it, but that every request is analysed by itself: what micro-batching is worth."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.registry import Registry
from service import logs
from service.app import create_app
from service.models.live import ModelHost
from service.models.registry import models_folder
from service.settings import Settings


def create() -> FastAPI:
    settings = Settings()
    logs.configure(json=settings.log_format == "json")

    def find() -> Path:
        return Registry.load(models_folder(settings)).live_folder()

    def load(folder: Path) -> FeedbackAnalyzer:
        return FeedbackAnalyzer.load(folder, threads=settings.threads, language=settings.language)

    return create_app(settings, models_host=ModelHost(find, load))

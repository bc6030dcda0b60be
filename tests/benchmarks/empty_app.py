"""An endpoint that does nothing with a body like that of `/v1/classify`: what FastAPI itself costs on this machine."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

app = FastAPI()


@app.post("/v1/classify")
def classify(body: dict[str, Any]) -> dict[str, str]:
    return {"status": "nothing"}


@app.get("/health/ready")
def ready() -> dict[str, str]:
    return {"status": "ready"}

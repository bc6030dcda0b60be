"""Files of any length, folders of them and data frames through a model, with all cores or a cluster."""

from __future__ import annotations

from feedback_nlp.scoring.chunks import Scored, Task, score_task
from feedback_nlp.scoring.engines import Engine, LocalEngine
from feedback_nlp.scoring.frames import score_frame
from feedback_nlp.scoring.loaders import Loader, ModelFolder, PackedModel
from feedback_nlp.scoring.plan import Kind, Plan, make_plan
from feedback_nlp.scoring.run import Finished, score

__all__ = [
    "Engine",
    "Finished",
    "Kind",
    "Loader",
    "LocalEngine",
    "ModelFolder",
    "PackedModel",
    "Plan",
    "Scored",
    "Task",
    "make_plan",
    "score",
    "score_frame",
    "score_task",
]

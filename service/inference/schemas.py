"""The messages of the Open Inference Protocol, version 2, as far as texts need them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.classify.schemas import MAX_ITEMS
from service.fields import Reference, Request, Whole

__all__ = [
    "ALL_OUTPUTS",
    "InferRequest",
    "InferResponse",
    "ModelMetadata",
    "ModelReady",
    "OutputTensor",
    "ServerLive",
    "ServerMetadata",
    "ServerReady",
    "TensorMetadata",
]

OutputName = Literal["analysis", "themes", "polarity", "sentiment"]
ALL_OUTPUTS: Final[tuple[OutputName, ...]] = ("analysis", "themes", "polarity", "sentiment")


class ServerLive(BaseModel):
    """The process answers."""

    live: Literal[True] = True


class ServerReady(BaseModel):
    """A model is loaded."""

    ready: Literal[True] = True


class ServerMetadata(BaseModel):
    """What this server is."""

    name: str
    version: str
    extensions: list[str] = []


class TensorMetadata(BaseModel):
    """An input or output; -1 stands for any number."""

    name: str
    datatype: Literal["BYTES", "FP32"]
    shape: list[int]


class ModelMetadata(BaseModel):
    """The model in use."""

    name: str
    versions: list[str]
    platform: str = "feedback_nlp"
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ModelReady(BaseModel):
    """The model answers."""

    name: str
    ready: Literal[True] = True


class _Open(Request):
    model_config = ConfigDict(extra="ignore", strict=True)


class InputTensor(_Open):
    """Texts, in a tensor named `text` of shape [n]."""

    name: Literal["text"]
    shape: Annotated[list[Annotated[Whole, Field(ge=1, le=MAX_ITEMS)]], Field(min_length=1, max_length=1)]
    datatype: Literal["BYTES"]
    data: Annotated[list[str], Field(min_length=1, max_length=MAX_ITEMS)]
    parameters: dict[str, Any] = Field(default_factory=dict)


class OutputRequest(_Open):
    """An output that is wanted."""

    name: OutputName
    parameters: dict[str, Any] = Field(default_factory=dict)


class InferRequest(_Open):
    """Texts to analyse."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inputs": [
                        {
                            "name": "text",
                            "shape": [1],
                            "datatype": "BYTES",
                            "data": ["De premie is wéér omhoog gegaan, zonder uitleg."],
                        }
                    ]
                }
            ]
        }
    )

    id: Reference | None = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: list[OutputRequest] | None = Field(None, max_length=10, description="By default all.")
    parameters: dict[str, Any] = Field(default_factory=dict)


class OutputTensor(BaseModel):
    """An output; data are flat, row by row."""

    name: OutputName
    datatype: Literal["BYTES", "FP32"]
    shape: list[int]
    data: list[str] | list[float]
    parameters: dict[str, Any] = Field(default_factory=dict)


class InferResponse(BaseModel):
    """The answers."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]

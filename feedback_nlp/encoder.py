"""The adapted Dutch sentence encoder at run time: onnxruntime and tokenizers, no torch.

One pass over a text gives its embedding, what the encoder's own heads say about every label, and a tag per token and
theme that shows which words carry the theme. Everyday training builds on these numbers; see `docs/encoder.md`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.errors import EncoderError, ModelAlteredError, ModelMismatchError, ModelMissingError
from feedback_nlp.records import Span
from feedback_nlp.whitening import WHITENING_FILE, Whitening

__all__ = ["Encoder", "EncoderOutput", "OnnxEncoder", "TokenTags", "document_columns"]

FORMAT = 1
"""Version of the folder's format that this module reads."""

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"

LONGEST_TEXT = 40_000
"""Code points that are read of a text; what comes after is not looked at."""

WINDOW = 254
"""Tokens of a window; a longer text is read in several windows of equal size."""

_BEGIN, _END = 0, 2
_OUTPUTS = ("embedding", "tokens", "themes", "polarity", "scalars", "signals")
_SURROGATE = re.compile("[\ud800-\udfff]")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TokenTags:
    """The tokens of one text, and how strongly each carries each theme.

    Attributes:
        starts: First code point of each token in the text as it was given, shape (tokens,).
        ends: Code point after the last, shape (tokens,).
        logits: Log odds that the token is evidence, shape (tokens, themes).
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    logits: Floats

    def spans(self, theme: int, threshold: float = 0.5) -> tuple[Span, ...]:
        """Runs of tokens that carry a theme, in order of appearance.

        A single token below the threshold between two above it does not break a run, and a run takes whole words.

        Args:
            theme: Number of the theme.
            threshold: Probability 0-1 from which a token counts.

        Returns:
            Spans in code points; their weight is the mean probability of their tokens.
        """
        probability = 1.0 / (1.0 + np.exp(-self.logits[:, theme].astype(np.float64)))
        marked = probability >= threshold
        if len(marked) > 2:
            marked[1:-1] |= marked[:-2] & marked[2:]
        spans: list[Span] = []
        place = 0
        while place < len(marked):
            if not marked[place]:
                place += 1
                continue
            first = place
            while place + 1 < len(marked) and marked[place + 1]:
                place += 1
            last = place
            while first > 0 and self.ends[first - 1] == self.starts[first] and self._is_word(first):
                first -= 1
            while (
                last + 1 < len(marked)
                and self.starts[last + 1] == self.ends[last]
                and self._is_word(last + 1)
            ):
                last += 1
            place = last + 1
            start, end = int(self.starts[first]), int(self.ends[last])
            if end > start:
                if spans and start < spans[-1].end:
                    start = spans[-1].end
                if end > start:
                    spans.append(Span(start, end, float(probability[first : last + 1].mean())))
        return tuple(spans)

    def _is_word(self, place: int) -> bool:
        """Whether the token goes on with the word of the token before it; a lone sign does not."""
        return int(self.ends[place] - self.starts[place]) > 1


@dataclass(frozen=True)
class EncoderOutput:
    """What the encoder says about some texts; row i of everything belongs to text i.

    Attributes:
        embedding: Mean of the last hidden states, shape (texts, width), float32, not normalised.
        document: The heads' numbers, shape (texts, columns), float32.
        columns: Names of the columns of ``document``; see `document_columns`.
        tokens: The tagged tokens of each text; empty for a text without any.
    """

    embedding: Floats
    document: Floats
    columns: tuple[str, ...]
    tokens: tuple[TokenTags, ...]

    def column(self, name: str) -> Floats:
        """One column, shape (texts,).

        Raises:
            EncoderError: There is no such column.
        """
        if name not in self.columns:
            raise EncoderError(f"the encoder has no column {name!r}; it has {', '.join(self.columns)}")
        return self.document[:, self.columns.index(name)]

    def block(self, kind: str) -> Floats:
        """The columns ``kind.*`` in their order, for example ``"theme"``; shape (texts, labels)."""
        return self.document[:, [i for i, name in enumerate(self.columns) if name.startswith(kind + ".")]]


class Encoder(Protocol):
    """What the rest of the library needs of an encoder."""

    @property
    def version(self) -> str:
        """Name of the model, for manifests."""

    @property
    def digest(self) -> str:
        """``sha256:`` and the digest of the model's manifest."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the document columns."""

    @property
    def themes(self) -> tuple[str, ...]:
        """Codes of the themes, in the order of the token tags."""

    def encode(self, texts: Sequence[str]) -> EncoderOutput:
        """Read texts; the order of the result is theirs."""

    def points(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Rows of unit length, (texts, width), the nearer the more alike what the texts are about."""


def document_columns(themes: Sequence[str], signals: Sequence[str]) -> tuple[str, ...]:
    """Names of the document columns.

    ``theme.X``: log odds of theme X in the text. ``peak.X``: log odds of its strongest token. ``mass.X``: log(1 + the
    expected number of tokens that carry it). ``polarity.X``: -1 to 1, and ``mixed.X``: probability of mixed or neutral,
    both as if the theme is there. ``sentiment`` (about -2 to 2), ``nps`` and ``cas`` (about 0-10), ``ces`` (about 1-7):
    estimates, not clipped. ``signal.X``: log odds of the signal.
    """
    per_theme = [
        f"{kind}.{code}" for kind in ("theme", "peak", "mass", "polarity", "mixed") for code in themes
    ]
    return (*per_theme, "sentiment", "nps", "cas", "ces", *(f"signal.{code}" for code in signals))


@dataclass(frozen=True)
class _Window:
    """A piece of a text that is read in one go."""

    text: int
    ids: list[int]


class OnnxEncoder:
    """The encoder of a folder ``models/encoder/<version>/``; safe to share between threads."""

    def __init__(
        self,
        session: Any,
        tokenizer: Any,
        manifest: dict[str, Any],
        digest: str,
        threads: int = 1,
        whitening: Whitening | None = None,
    ) -> None:
        """Use `load`."""
        self._session = session
        self._whitening = whitening
        self._pool = ThreadPoolExecutor(threads, "encoder") if threads > 1 else None
        self._tokenizer = tokenizer
        self.manifest = manifest
        self._digest = digest
        self._themes = tuple(manifest["themes"])
        self._columns = document_columns(self._themes, manifest["signals"])
        if self._columns != tuple(manifest["columns"]):
            raise ModelMismatchError(
                "the encoder's manifest names other columns than this version of the library reads"
            )

    @classmethod
    def load(cls, folder: str | Path, threads: int = 1) -> OnnxEncoder:
        """Check every file against the manifest, then load.

        Args:
            folder: Folder with ``manifest.json``, ``model.onnx``, ``tokenizer.json`` and, for `points`,
                ``whitening.npz``.
            threads: Texts that one call of `encode` reads at a time, a processor thread each.

        Raises:
            ModelMissingError: The folder or a file is not there.
            ModelAlteredError: A file is not what the manifest says.
            ModelMismatchError: The folder's format is not one that this version reads.
            EncoderError: ``threads`` is below 1, or onnxruntime refuses the model.
        """
        if threads < 1:
            raise EncoderError(f"threads must be at least 1, got {threads}")
        folder = Path(folder)
        manifest, digest = _checked_manifest(folder)
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # the graph is written with fused nodes where they are faster; further fusing would undo that
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        try:
            session = onnxruntime.InferenceSession(
                (folder / MODEL_FILE).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as exc:  # both libraries raise bare Exceptions
            raise EncoderError(f"the encoder in {folder} cannot be loaded: {exc}") from exc
        whitening = (
            Whitening.read((folder / WHITENING_FILE).read_bytes())
            if WHITENING_FILE in manifest["files"]
            else None
        )
        return cls(session, tokenizer, manifest, digest, threads, whitening)

    @property
    def version(self) -> str:
        """Name of the model, as its folder is called."""
        return str(self.manifest["version"])

    @property
    def digest(self) -> str:
        """``sha256:`` and the digest of the manifest file."""
        return self._digest

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the document columns; see `document_columns`."""
        return self._columns

    @property
    def themes(self) -> tuple[str, ...]:
        """Codes of the themes, in the order of the token tags."""
        return self._themes

    def encode(self, texts: Sequence[str]) -> EncoderOutput:
        """Read texts of any length, also empty ones.

        Only the first `LONGEST_TEXT` code points of a text are looked at. A text's numbers do not depend on the texts
        beside it, nor on the number of threads.

        Raises:
            EncoderError: An entry is not a string.
        """
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise EncoderError(f"text {number} is {type(text).__name__}, not a string: {text!r}")
        clean = [_SURROGATE.sub("\ufffd", text[:LONGEST_TEXT]) for text in texts]
        encodings = self._tokenizer.encode_batch(clean, add_special_tokens=False) if clean else []
        windows = [
            _Window(number, ids) for number, encoding in enumerate(encodings) for ids in _split(encoding.ids)
        ]
        pieces = [window.ids for window in windows]
        raw = (
            list(self._pool.map(self._run, pieces))
            if self._pool is not None
            else [self._run(ids) for ids in pieces]
        )
        per_text: list[list[dict[str, Floats]]] = [[] for _ in texts]
        for window, values in zip(windows, raw, strict=True):
            per_text[window.text].append(values)
        width = int(self.manifest["width"])
        embedding = np.zeros((len(texts), width), dtype=np.float32)
        document = np.zeros((len(texts), len(self._columns)), dtype=np.float32)
        tokens = []
        for number, parts in enumerate(per_text):
            whole = _merge(parts)
            embedding[number] = whole["embedding"]
            document[number] = _document_row(whole)
            offsets = np.array(encodings[number].offsets, dtype=np.int32).reshape(-1, 2)
            tokens.append(TokenTags(offsets[:, 0], offsets[:, 1], whole["tokens"]))
        return EncoderOutput(embedding, document, self._columns, tuple(tokens))

    def points(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Rows of unit length, (texts, width), the nearer the more alike what the texts are about; see `Whitening`.

        Raises:
            EncoderError: An entry is not a string, or the encoder's folder was published without `whitening.npz`.
        """
        if self._whitening is None:
            raise EncoderError(
                f"the encoder {self.version} was put together without {WHITENING_FILE}; publish it again with "
                "`feedback-nlp adapt`"
            )
        return self._whitening.points(self.encode(texts).embedding)

    def _run(self, numbers: list[int]) -> dict[str, Floats]:
        """One window, alone in its call: what is beside a text cannot touch its numbers, and nothing is padded."""
        ids = np.array([[_BEGIN, *numbers, _END]], dtype=np.int64)
        outputs = self._session.run(_OUTPUTS, {"ids": ids})
        values = {name: output[0] for name, output in zip(_OUTPUTS, outputs, strict=True)}
        values["tokens"] = values["tokens"][1:-1]
        return values


def _checked_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise ModelMissingError(f"there is no encoder in {folder}: {MANIFEST_FILE} is missing")
    content = path.read_bytes()
    try:
        manifest: dict[str, Any] = json.loads(content)
        found, files = manifest["format"], dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as exc:
        raise ModelAlteredError(f"{path} is not an encoder's manifest: {exc!r}") from exc
    if found != FORMAT:
        raise ModelMismatchError(f"{path} has format {found!r}; this version reads {FORMAT}")
    for name in (MODEL_FILE, TOKENIZER_FILE, *({WHITENING_FILE} & files.keys())):
        if not (folder / name).is_file():
            raise ModelMissingError(f"{folder / name} is missing")
        actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if actual != files.get(name):
            raise ModelAlteredError(
                f"{folder / name} has digest {actual}, the manifest says {files.get(name)}"
            )
    return manifest, "sha256:" + hashlib.sha256(content).hexdigest()


def _split(ids: list[int]) -> list[list[int]]:
    """Equal windows of at most `WINDOW` tokens; one empty window for an empty text."""
    count = max(1, -(-len(ids) // WINDOW))
    bounds = [len(ids) * number // count for number in range(count + 1)]
    return [ids[a:b] for a, b in itertools.pairwise(bounds)]


def _merge(parts: Sequence[dict[str, Floats]]) -> dict[str, Floats]:
    """One text from its windows: labels from the window that shows them best, the rest as a mean over tokens."""
    if len(parts) == 1:
        return parts[0]
    share = np.array([len(part["tokens"]) for part in parts], dtype=np.float32)
    share /= share.sum()
    themes = np.stack([part["themes"] for part in parts])
    best = themes.argmax(axis=0)
    polarity = np.stack([part["polarity"] for part in parts])
    return {
        "embedding": np.tensordot(share, np.stack([part["embedding"] for part in parts]), axes=1),
        "tokens": np.concatenate([part["tokens"] for part in parts]),
        "themes": themes.max(axis=0),
        "polarity": polarity[best, np.arange(len(best))],
        "scalars": np.tensordot(share, np.stack([part["scalars"] for part in parts]), axes=1),
        "signals": np.stack([part["signals"] for part in parts]).max(axis=0),
    }


def _document_row(values: dict[str, Floats]) -> Floats:
    tokens = values["tokens"]
    if len(tokens):
        peak = tokens.max(axis=0)
        mass = np.log1p((1.0 / (1.0 + np.exp(-tokens))).sum(axis=0))
    else:
        peak = np.full(tokens.shape[1], -12.0, dtype=np.float32)
        mass = np.zeros(tokens.shape[1], dtype=np.float32)
    weights = np.exp(values["polarity"] - values["polarity"].max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    sentiment, nps, cas, ces = values["scalars"]
    scalars = np.array([2 * sentiment, 5 + 5 * nps, 5 + 5 * cas, 4 + 3 * ces], dtype=np.float32)
    return np.concatenate(
        [
            values["themes"],
            peak,
            mass,
            weights[:, 2] - weights[:, 0],
            weights[:, 1],
            scalars,
            values["signals"],
        ]
    ).astype(np.float32)

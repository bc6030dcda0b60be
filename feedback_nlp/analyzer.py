"""The one object callers need: texts in, analyses out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.advocacy import AnswerDistribution
from feedback_nlp.artifacts import Manifest, load_objects, read_manifest
from feedback_nlp.embedding import latent, unit
from feedback_nlp.encoder import Encoder, EncoderOutput, OnnxEncoder
from feedback_nlp.encoder_readings import encoder_readings
from feedback_nlp.errors import ModelMismatchError, TextError
from feedback_nlp.estimators import Estimators, Predictions
from feedback_nlp.explain import clause_evidence, token_evidence
from feedback_nlp.language import detect_language
from feedback_nlp.reader import ClauseReader, Reading
from feedback_nlp.records import (
    Advocacy,
    Analysis,
    Estimate,
    FeedbackItem,
    ModelInfo,
    ReviewReason,
    Sentiment,
    Signal,
    Span,
    ThemeMention,
)
from feedback_nlp.registry import default_models_folder
from feedback_nlp.review import MIN_KNOWN_SHARE, MIN_WORDS_FOR_DOMAIN, contradicts, expected_errors
from feedback_nlp.sentiment import sentiment_label
from feedback_nlp.taxonomy import Language, Taxonomy

__all__ = ["MAX_TEXT_LENGTH", "FeedbackAnalyzer", "check_text", "encoder_folder"]

MAX_TEXT_LENGTH = 20_000
"""Longest text, in code points, that is analysed: some ten pages."""

_BATCH = 256


def check_text(text: object) -> str:
    """The text itself when it can be analysed.

    Raises:
        TextError: It is no string, blank, longer than `MAX_TEXT_LENGTH`, or holds half of a surrogate pair, which no
            encoding can write.
    """
    if not isinstance(text, str):
        raise TextError(f"text must be a string, got {type(text).__name__}")
    if len(text) > MAX_TEXT_LENGTH:
        raise TextError(f"text is {len(text):,} characters long; at most {MAX_TEXT_LENGTH:,} are analysed")
    if not text.strip():
        raise TextError("text is empty")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        half = ord(text[exc.start])
        raise TextError(f"text holds U+{half:04X} at position {exc.start}: half of a character") from exc
    return text


class FeedbackAnalyzer:
    """Analyses Dutch feedback with a trained model. Safe to use from several threads.

    Args:
        manifest: What the model is.
        reader: Its first level, over n-grams.
        estimators: Its second level.
        encoder: The sentence encoder, for a model that was built on one; else None.
        language: Language of the labels in the analyses.
    """

    def __init__(
        self,
        manifest: Manifest,
        reader: ClauseReader,
        estimators: Estimators,
        encoder: Encoder | None = None,
        *,
        language: Language = "nl",
    ) -> None:
        self.manifest = manifest
        self._encoder = encoder
        self._reader = reader
        self._estimators = estimators
        self._language = language

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        threads: int = 1,
        language: Language = "nl",
        taxonomy: Taxonomy | None = None,
    ) -> Self:
        """Load a model folder, checking it before anything is unpickled.

        Args:
            folder: `models/<name>/<version>`.
            threads: Threads for the sentence encoder, where the model has one.
            language: Language of the labels, "nl" or "en".
            taxonomy: What the caller works with: a model of other themes or signals is refused. Any model is taken
                when None.

        Raises:
            ModelMissingError: The folder or a file of it is not there.
            ModelAlteredError: A file is not the one the manifest describes.
            ModelMismatchError: Written in a format this version does not read, or made for another taxonomy.
        """
        manifest = read_manifest(folder)
        if taxonomy is not None and _codes(taxonomy) != _codes(manifest.taxonomy):
            raise ModelMismatchError(
                f"{folder}: was made for the taxonomy {manifest.taxonomy.name} {manifest.taxonomy.version}, whose "
                f"themes or signals are not those of {taxonomy.name} {taxonomy.version}; train one for the latter"
            )
        objects = load_objects(folder, manifest)
        encoder = _load_encoder(Path(folder), manifest, threads)
        return cls(manifest, objects["reader"], objects["estimators"], encoder, language=language)

    @property
    def info(self) -> ModelInfo:
        """Name, version and digest of the model."""
        return self.manifest.info

    @property
    def taxonomy(self) -> Taxonomy:
        """What the model can say."""
        return self.manifest.taxonomy

    @property
    def encoder(self) -> Encoder | None:
        """The sentence encoder that the model was built on, or None."""
        return self._encoder

    def analyze(self, item: FeedbackItem | str) -> Analysis:
        """Analyse one text.

        Raises:
            TextError: The text is empty or too long.
        """
        result = self.analyze_batch([FeedbackItem(item) if isinstance(item, str) else item])[0]
        if isinstance(result, TextError):
            raise result
        return result

    def analyze_many(
        self, items: Iterable[FeedbackItem | str], batch_size: int = _BATCH
    ) -> Iterator[Analysis]:
        """Analyse texts one batch after another, in order and in constant memory.

        Raises:
            TextError: A text is empty or too long; the message names its place.
        """
        stream = iter(items)
        number = 0
        while batch := list(islice(stream, batch_size)):
            records = [FeedbackItem(item) if isinstance(item, str) else item for item in batch]
            for result in self.analyze_batch(records):
                number += 1
                if isinstance(result, TextError):
                    raise TextError(f"item {number}: {result}") from result
                yield result

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        """Analyse items together; an item that cannot be analysed has its error in its place."""
        results: list[Analysis | TextError | None] = [None] * len(items)
        good: list[int] = []
        for index, item in enumerate(items):
            try:
                check_text(item.text)
                good.append(index)
            except TextError as exc:
                results[index] = exc
        if good:
            taken = [items[index] for index in good]
            analyses = self._analyses(taken, *self._read([item.text for item in taken]))
            for index, analysis in zip(good, analyses, strict=True):
                results[index] = analysis
        return [result for result in results if result is not None]

    def predict(self, texts: Sequence[str]) -> Predictions:
        """The bare numbers for texts, as arrays; any strings are fine. For evaluation and aggregation."""
        return self._read(texts)[2]

    def examine(self, texts: Sequence[str]) -> tuple[Predictions, list[Analysis]]:
        """The bare numbers for texts and their analyses, from one reading; for evaluation.

        Raises:
            TextError: A text is empty or too long.
        """
        for text in texts:
            check_text(text)
        read = self._read(texts)
        return read[2], list(self._analyses([FeedbackItem(text) for text in texts], *read))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts as points of unit length, (texts, width); the nearer two are, the more alike is what they say.

        With the sentence encoder its own embeddings; without one, found by latent semantic analysis of these very
        texts' n-grams, so that only points of one call can be compared.
        """
        if self._encoder is not None:
            return unit(self._encoder.encode(texts).embedding.astype(np.float64))
        return latent(self._reader.features_.transform(texts))

    def _read(self, texts: Sequence[str]) -> tuple[Reading, EncoderOutput | None, Predictions]:
        reading = self._reader.read(texts)
        if self._encoder is None:
            return reading, None, self._estimators.predict(reading.table)
        encoded = self._encoder.encode(texts)
        table = reading.table.beside(encoder_readings(encoded.columns, encoded.document))
        return reading, encoded, self._estimators.predict(table)

    def _analyses(
        self,
        items: Sequence[FeedbackItem],
        reading: Reading,
        encoded: EncoderOutput | None,
        predictions: Predictions,
    ) -> Iterator[Analysis]:
        first = np.searchsorted(reading.owner, np.arange(len(items) + 1)).tolist()
        advocacy = _advocacy(predictions)
        doubts = expected_errors(predictions.theme_probability, predictions.theme_assigned)
        reasons = _Doubts(doubts, doubts.sum(axis=1).tolist(), reading.words.tolist(), reading.known.tolist())
        themes = [(entry.code, entry.label(self._language)) for entry in self.taxonomy.themes]
        signals = [(entry.code, entry.label(self._language)) for entry in self.taxonomy.signals]
        columns = zip(
            items,
            predictions.theme_probability.tolist(),
            predictions.theme_assigned.tolist(),
            predictions.polarity.tolist(),
            predictions.signal_probability.tolist(),
            predictions.signal_assigned.tolist(),
            predictions.sentiment.tolist(),
            strict=True,
        )
        info = self.info
        for row, (item, score, assigned, polarity, signal, given, tone) in enumerate(columns):
            language = detect_language(item.text)
            clauses = slice(first[row], first[row + 1])
            yield Analysis(
                id=item.id,
                text=item.text,
                language=language,
                themes=tuple(
                    [
                        ThemeMention(
                            code,
                            label,
                            score[k],
                            assigned[k],
                            polarity[k],
                            _evidence(row, k, reading, encoded, clauses) if assigned[k] else (),
                        )
                        for k, (code, label) in enumerate(themes)
                    ]
                ),
                sentiment=Sentiment(tone, sentiment_label(tone)),
                advocacy=advocacy[row],
                signals=tuple(
                    [Signal(code, label, signal[k], given[k]) for k, (code, label) in enumerate(signals)]
                ),
                review_reasons=tuple(self._review_reasons(item, row, language, reasons, predictions)),
                model=info,
            )

    def _review_reasons(
        self, item: FeedbackItem, row: int, language: str, doubts: _Doubts, predictions: Predictions
    ) -> Iterator[ReviewReason]:
        words, known = doubts.words[row], doubts.known[row]
        if language not in ("nl", "und"):
            yield ReviewReason("not_dutch", language)
        if not any(map(str.isalpha, item.text)):
            yield ReviewReason("too_short")
        if words >= MIN_WORDS_FOR_DOMAIN and known < MIN_KNOWN_SHARE * words:
            yield ReviewReason("out_of_domain", f"{known / words:.0%} of the words known")
        if doubts.total[row] >= self._estimators.review.threshold:
            theme = int(doubts.by_theme[row].argmax())
            yield ReviewReason("low_confidence", self.taxonomy.theme_codes[theme])
        models = self._estimators.disagreement
        if models is not None and predictions.disagreement is not None:
            apart = predictions.disagreement[row]
            if apart.max() >= models.threshold:
                yield ReviewReason("models_disagree", self.taxonomy.theme_codes[int(apart.argmax())])
        for name, given, distribution in (
            ("nps", item.nps, predictions.nps),
            ("cas", item.cas, predictions.cas),
        ):
            if given is not None and contradicts(distribution.probability[row], given):
                yield ReviewReason("score_mismatch", f"{name} {given:g}")


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What speaks for a look by a person, for each text of a batch.

    Attributes:
        by_theme: Per theme the probability that its assignment is wrong, (texts, themes).
        total: Its sum, per text.
        words: How many words a text has.
        known: How many of them the training texts had too.
    """

    by_theme: NDArray[np.float64]
    total: list[float]
    words: list[int]
    known: list[int]


def _evidence(
    row: int, theme: int, reading: Reading, encoded: EncoderOutput | None, clauses: slice
) -> tuple[Span, ...]:
    scores = reading.theme_scores[clauses, theme]
    if encoded is not None:
        return token_evidence(reading.claused[row], scores, encoded.tokens[row], theme)
    return clause_evidence(reading.claused[row], scores)


def _codes(taxonomy: Taxonomy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return taxonomy.theme_codes, taxonomy.signal_codes


def encoder_folder(folder: Path, manifest: Manifest) -> Path:
    """Where the sentence encoder stands that a model was built on: beside the model, else in the models folder.

    Raises:
        ValueError: The model was built on none.
    """
    if manifest.encoder is None:
        raise ValueError(f"{folder}: was built on no sentence encoder")
    version = manifest.encoder["version"]
    beside = folder.resolve().parent.parent / "encoder" / version
    return beside if beside.is_dir() else default_models_folder() / "encoder" / version


def _load_encoder(folder: Path, manifest: Manifest, threads: int) -> Encoder | None:
    if manifest.encoder is None:
        return None
    version = manifest.encoder["version"]
    encoder = OnnxEncoder.load(encoder_folder(folder, manifest), threads)
    if encoder.digest != manifest.encoder["digest"]:
        raise ModelMismatchError(
            f"{folder}: was built on encoder {version} with digest {manifest.encoder['digest'][:19]}…, "
            f"but the one found has {encoder.digest[:19]}…; train again"
        )
    return encoder


def _advocacy(predictions: Predictions) -> list[Advocacy]:
    nps, cas = predictions.nps, predictions.cas
    shares = zip(nps.promoter.tolist(), nps.passive.tolist(), nps.detractor.tolist(), strict=True)
    return [
        Advocacy(*share, nps=Estimate(*by_nps), cas=Estimate(*by_cas))
        for share, by_nps, by_cas in zip(shares, _estimates(nps), _estimates(cas), strict=True)
    ]


def _estimates(answers: AnswerDistribution) -> Iterator[tuple[float, int, int]]:
    return zip(answers.expected.tolist(), answers.low.tolist(), answers.high.tolist(), strict=True)

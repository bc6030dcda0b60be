"""`/classify`: paste a text, see everything that the model sees in it. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.taxonomy import Taxonomy
from service.classify.service import classify_items
from service.pages.forms import FormDep
from service.pages.frame import Frame, FrameDep
from service.pages.marking import Piece, evidence_pieces
from service.pages.templating import render
from service.pages.wording import Wording
from service.state import AnalyzerDep, MetricsDep, RedactorDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LONGEST_TEXT: Final = 20_000
_EXAMPLE: Final = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


@dataclass(frozen=True, slots=True)
class Score:
    """A label with its probability, also as a number 0-1 for the bar."""

    code: str
    label: str
    title: str
    share: float
    percent: str
    assigned: bool
    sign: str = ""
    word: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the model says."""

    text: tuple[Piece, ...]
    themes: tuple[Score, ...]
    signals: tuple[Score, ...]
    sentiment: str
    advocacy: str
    shares: tuple[Score, ...]
    nps: str
    cas: str
    language: str
    reasons: tuple[str, ...]
    model: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClassifyView:
    """The page's context."""

    text: str
    nps: str
    longest: int
    example: str
    problem: str | None
    seen: Seen | None


@router.get("/classify")
def ask(frame: FrameDep) -> HTMLResponse:
    """The empty form."""
    return render("classify/page.html", frame, _view("", "", None, None))


@router.post("/classify")
def answer(
    form: FormDep, frame: FrameDep, analyzer: AnalyzerDep, redactor: RedactorDep, metrics: MetricsDep
) -> HTMLResponse:
    """The form with the answer below it."""
    text, nps = form.one("text"), form.one("nps").strip()
    score, problem = _score(nps, frame)
    if problem is not None:
        return render("classify/page.html", frame, _view(text, nps, problem, None), status=422)
    (said,) = answers = classify_items([FeedbackItem(text, nps=score)], analyzer, redactor)
    metrics.count(answers, analyzer.info.version)
    if isinstance(said, TextError):
        problem = frame.tr.gettext("This text cannot be read: it is empty, or longer than 20,000 characters.")
        return render("classify/page.html", frame, _view(text, nps, problem, None), status=422)
    return render("classify/page.html", frame, _view(text, nps, None, _seen(said, analyzer.taxonomy, frame)))


def _view(text: str, nps: str, problem: str | None, seen: Seen | None) -> ClassifyView:
    return ClassifyView(text, nps, _LONGEST_TEXT, _EXAMPLE, problem, seen)


def _score(asked: str, frame: Frame) -> tuple[float | None, str | None]:
    if not asked:
        return None, None
    if asked.isascii() and asked.isdigit() and int(asked) <= _HIGHEST:
        return float(asked), None
    return None, frame.tr.gettext("The score must be a whole number 0 to 10, not “%(got)s”.", got=asked[:20])


def _seen(analysis: Analysis, taxonomy: Taxonomy, frame: Frame) -> Seen:
    tr, words = frame.tr, Wording(frame.tr, taxonomy)
    said: dict[str, Any] = analysis.to_dict()
    titles = {option.code: option for option in words.options((*taxonomy.themes, *taxonomy.signals))}
    themes: list[Score] = []
    for theme in sorted(analysis.themes, key=lambda theme: -theme.score):
        chip = words.chip(theme.code, theme.polarity)
        option = titles[theme.code]
        share = tr.percent(theme.score)
        themes.append(
            Score(
                theme.code,
                option.label,
                option.title,
                theme.score,
                share,
                theme.assigned,
                chip.sign,
                chip.word,
                chip.tone,
            )
        )
    signals = tuple(
        Score(
            one.code,
            titles[one.code].label,
            titles[one.code].title,
            one.score,
            tr.percent(one.score),
            one.assigned,
        )
        for one in analysis.signals
    )
    names = (
        ("promoter", tr.gettext("promoter"), analysis.advocacy.promoter),
        ("passive", tr.gettext("passive"), analysis.advocacy.passive),
        ("detractor", tr.gettext("detractor"), analysis.advocacy.detractor),
    )
    return Seen(
        text=evidence_pieces(analysis.text, said["themes"]),
        themes=tuple(themes),
        signals=signals,
        sentiment=words.sentiment(analysis.sentiment.score),
        advocacy=words.advocacy(said["advocacy"]),
        shares=tuple(Score(code, label, "", share, tr.percent(share), False) for code, label, share in names),
        nps=words.estimate(said["advocacy"]["nps"]),
        cas=words.estimate(said["advocacy"]["cas"]),
        language=analysis.language,
        reasons=tuple(words.reason(reason) for reason in said["review_reasons"]),
        model=f"{analysis.model.name} {analysis.model.version}",
        names={score.code: score.label for score in themes},
    )


_HIGHEST: Final = 10

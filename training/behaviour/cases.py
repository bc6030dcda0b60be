"""One behavioural case: what it looks like in the file, and how the file is read and checked.

The file is JSON Lines, one case a line. Every case has `id` (unique), `group` (one of `GROUPS`, for reporting),
`capability` (what is asked of the model), `type` and `text`. The rest follows from the type:

    MFT  minimum functionality: `expect`
    INV  invariance: `variants`, texts whose analysis must equal that of `text` in each aspect of `same`
    DIR  direction: `then`, a changed text; `directions`, how measures must move from `text` to `then`;
         optionally `then_expect`, what must hold for `then`

An expectation states only what is beyond doubt under the codebook; whatever it leaves out is not judged:

    {"themes": {"bereikbaarheid": -1}, "absent": ["snelheid"], "sentiment": "negatief",
     "signals": ["klacht"], "absent_signals": ["escalatie"]}

`absent: ["*"]` means every theme not named under `themes`. A direction names a measure (`sentiment`, `nps`,
`cas`, `theme:<code>` and `signal:<code>` for their scores, `polarity:<code>`), a change, and a tolerance in the
measure's own unit:

    up, down           moves that way by more than the tolerance
    not_up, not_down   moves that way by no more than the tolerance
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from feedback_nlp.errors import CorpusError
from feedback_nlp.taxonomy import Taxonomy

__all__ = [
    "GROUPS",
    "Case",
    "Direction",
    "DirectionCase",
    "Expectation",
    "FunctionalityCase",
    "InvarianceCase",
    "load_cases",
]

Group = Literal["themes", "polarity_and_sentiment", "signals", "robustness"]
GROUPS: tuple[Group, ...] = ("themes", "polarity_and_sentiment", "signals", "robustness")

Aspect = Literal["themes", "polarity", "sentiment", "signals"]
Change = Literal["up", "down", "not_up", "not_down"]
Text = Annotated[str, Field(min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Expectation(_Frozen):
    """What must hold for one analysis.

    Attributes:
        themes: Code to polarity: the theme must be assigned, with a polarity below 0 (-1), above 0 (1) or near 0 (0).
        absent: Themes that must not be assigned; `*` for all that `themes` does not name.
        sentiment: The label it must have, or None when that is not judged.
        signals: Signals that must be assigned.
        absent_signals: Signals that must not be.
    """

    themes: dict[str, Literal[-1, 0, 1]] = {}
    absent: tuple[str, ...] = ()
    sentiment: Literal["positief", "neutraal", "negatief"] | None = None
    signals: tuple[str, ...] = ()
    absent_signals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something_and_does_not_contradict_itself(self) -> Expectation:
        if not (self.themes or self.absent or self.sentiment or self.signals or self.absent_signals):
            raise ValueError("an expectation must expect something")
        if both := sorted(self.themes.keys() & set(self.absent)):
            raise ValueError(f"expected and absent at once: {both}")
        if both := sorted(set(self.signals) & set(self.absent_signals)):
            raise ValueError(f"signal expected and absent at once: {both}")
        return self


class Direction(_Frozen):
    """How one measure must move from `text` to `then`; see the module's docstring."""

    measure: Annotated[str, Field(pattern=r"^(sentiment|nps|cas|(theme|polarity|signal):[a-z][a-z0-9_]*)$")]
    change: Change
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Common(_Frozen):
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    group: Group
    capability: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    text: Text


class FunctionalityCase(_Common):
    """Minimum functionality: a text, and what must be found in it."""

    type: Literal["MFT"]
    expect: Expectation

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to analyse, in the order `checks` expects the analyses."""
        return (self.text,)


class InvarianceCase(_Common):
    """Invariance: changes that must not change the aspects of `same`."""

    type: Literal["INV"]
    variants: Annotated[tuple[Text, ...], Field(min_length=1)]
    same: Annotated[tuple[Aspect, ...], Field(min_length=1)]

    @property
    def texts(self) -> tuple[str, ...]:
        """As for `FunctionalityCase`: `text` first, then the variants."""
        return (self.text, *self.variants)


class DirectionCase(_Common):
    """Direction: a change that must move measures one way, or must not."""

    type: Literal["DIR"]
    then: Text
    directions: Annotated[tuple[Direction, ...], Field(min_length=1)]
    then_expect: Expectation | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """As for `FunctionalityCase`: `text`, then `then`."""
        return (self.text, self.then)


Case = FunctionalityCase | InvarianceCase | DirectionCase

_ADAPTER: TypeAdapter[Case] = TypeAdapter(Annotated[Case, Field(discriminator="type")])


def load_cases(path: str | Path | None = None, taxonomy: Taxonomy | None = None) -> tuple[Case, ...]:
    """Read and check a file of cases.

    Args:
        path: The file; None for the cases that come with the project.
        taxonomy: Whose codes the cases may use; None for the default taxonomy.

    Returns:
        The cases, in the order of the file.

    Raises:
        CorpusError: The file cannot be read, holds no case, or has faulty rows; all faults are listed, each with
            its line.
    """
    source = resources.files("training.behaviour").joinpath("cases.jsonl") if path is None else Path(path)
    try:
        text = source.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(f"{source}: cannot be read as behavioural cases: {exc}") from exc
    faults: list[str] = []
    cases: list[Case] = []
    line_of: dict[str, int] = {}
    known = taxonomy or Taxonomy.default()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = _ADAPTER.validate_json(line)
        except ValidationError as exc:
            faults.extend(f"line {number}: {fault}" for fault in _readable(exc))
            continue
        faults.extend(f"line {number} ({case.id}): {fault}" for fault in _unknown_codes(case, known))
        if case.id in line_of:
            faults.append(f"line {number}: id {case.id!r} also stands in line {line_of[case.id]}")
        line_of.setdefault(case.id, number)
        cases.append(case)
    if not cases and not faults:
        faults.append("no cases")
    if faults:
        raise CorpusError(f"{source}: " + "; ".join(faults))
    return tuple(cases)


def _readable(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        yield f"{where}: {fault['msg']}, got {fault['input']!r}"[:300].removeprefix(": ")


def _unknown_codes(case: Case, taxonomy: Taxonomy) -> Iterator[str]:
    themes: set[str] = set()
    signals: set[str] = set()
    if isinstance(case, DirectionCase):
        for direction in case.directions:
            kind, _, code = direction.measure.partition(":")
            if code:
                (signals if kind == "signal" else themes).add(code)
        expectation = case.then_expect
    else:
        expectation = case.expect if isinstance(case, FunctionalityCase) else None
    if expectation is not None:
        themes |= expectation.themes.keys() | (set(expectation.absent) - {"*"})
        signals |= {*expectation.signals, *expectation.absent_signals}
    for code in sorted(themes - set(taxonomy.theme_codes)):
        yield f"{code!r} is no theme of the taxonomy"
    for code in sorted(signals - set(taxonomy.signal_codes)):
        yield f"{code!r} is no signal of the taxonomy"

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from feedback_nlp import score_frame
from feedback_nlp.errors import ModelMissingError, TableError
from feedback_nlp.scoring import make_plan, score
from feedback_nlp.sinks import result_names
from feedback_nlp.taxonomy import Taxonomy
from tests.fakes import FakeAnalyzer
from tests.feedback_nlp.scoring.support import HereEngine, manifest

RESULTS = result_names(Taxonomy.default().theme_codes)


class Loaded(FakeAnalyzer):
    """As a model that was loaded."""

    manifest = manifest()


TEXTS = st.sampled_from(
    ["in de wacht", "heel begripvol", "snel geregeld, wel een klacht", "", " ", None, "x" * 20_001]
)
SCORES = [
    st.one_of(st.none(), st.integers(-1, 12)),
    st.one_of(st.none(), st.floats(-1, 11)),
    st.sampled_from(["9", "7,5", "nvt", "", "tien", None]),
]


@given(st.data(), st.sampled_from(SCORES), st.sampled_from([None, 1, "k"]))
def test_a_frame_gets_what_its_parquet_file_gets(
    data: st.DataObject, scores: st.SearchStrategy[object], id_: object
) -> None:
    rows = data.draw(st.lists(st.tuples(TEXTS, scores), max_size=12))
    frame = pd.DataFrame(
        {
            "id": [id_] * len(rows),
            "Tekst": pd.Series([text for text, _ in rows], dtype=object),
            "NPS": pd.Series([score for _, score in rows]),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        frame.to_parquet(source)
        score(make_plan(source, out, manifest()), HereEngine())
        expected = parquet.read_table(out).select(RESULTS)
    scored = score_frame(frame, Loaded())
    found = pa.Table.from_pandas(scored[RESULTS], schema=expected.schema, preserve_index=False)
    assert found.to_pylist() == expected.to_pylist()


def test_a_frame_keeps_its_index_and_its_columns_and_is_not_changed() -> None:
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
            "error": ["own", "own", "own"],
            "toelichting": pd.Series(["in de wacht", pd.NA, "begripvol"], dtype="string"),
            "team": pd.Categorical(["a", "b", "a"]),
        }
    ).set_index(pd.Index([7, 7, 3], name="k"))
    before = frame.copy(deep=True)
    scored = score_frame(frame, Loaded())
    pd.testing.assert_frame_equal(frame, before)
    assert list(scored) == ["when", "input error", "toelichting", "team", *RESULTS]
    pd.testing.assert_frame_equal(
        scored[["when", "input error", "toelichting", "team"]],
        frame.rename(columns={"error": "input error"}),
    )
    assert scored["error"].fillna("").tolist() == ["", "no text: 'toelichting' is missing or empty", ""]
    assert scored["needs_review"].tolist() == [False, pd.NA, False]
    assert scored["bereikbaarheid_polarity"].fillna(9).tolist() == [-0.9, 9, 0]


def test_all_frames_have_the_same_types_however_few_rows_they_have() -> None:
    frame = pd.DataFrame({"tekst": ["", "in de wacht"]})
    whole = score_frame(frame, Loaded()).dtypes
    for part in (frame.iloc[:0], frame.iloc[:1], frame.iloc[1:]):
        pd.testing.assert_series_equal(score_frame(part, Loaded()).dtypes, whole)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ([{"tekst": "hoi"}], "must be a pandas or Dask data frame, got list"),
        (pd.DataFrame({"a": ["hoi"]}), "which column holds the text"),
        (pd.DataFrame({0: ["hoi"]}), "names of columns must be texts, got 0"),
        (pd.DataFrame([["a", "b"]], columns=["tekst", "tekst"]), "more than one column 'tekst'"),
        (
            pd.DataFrame([["a", "b", "c"]], columns=["tekst", "model", "input model"]),
            "'input model', and would",
        ),
    ],
)
def test_a_frame_that_cannot_be_used_is_told(frame: object, says: str) -> None:
    with pytest.raises(TableError, match=says):
        score_frame(frame, Loaded())


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError):
        score_frame(pd.DataFrame({"tekst": ["hoi"]}), tmp_path / "nergens")


def test_without_dask_frames_are_scored_and_a_cluster_is_refused_in_plain_words() -> None:
    program = (
        "import sys\nsys.modules['dask'] = sys.modules['distributed'] = None\n"
        "import pandas as pd\nfrom feedback_nlp import score_frame\n"
        "from feedback_nlp.errors import ScoreError\n"
        "from tests.feedback_nlp.scoring.test_frames import Loaded\n"
        "assert score_frame(pd.DataFrame({'tekst': ['in de wacht']}), Loaded()).bereikbaarheid_score[0] == 0.95\n"
        "try:\n    import feedback_nlp.scoring.dask_frames\n"
        "except ScoreError as exc:\n    assert 'feedback-nlp[dask]' in str(exc)\nelse:\n    sys.exit('imported')\n"
    )
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr

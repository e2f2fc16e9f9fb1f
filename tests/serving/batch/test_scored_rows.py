"""Rows of a scored file: numbers, reasons, kept columns, order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import InputError
from leadworth.settings import Settings
from models.bundle import Bundle
from serving.batch.partitioned_run import score_partitioned
from serving.batch.score_job import ScoreJob
from serving.batch.scored_rows import RowLayout, rounded
from tests.make_bundle import make_bundle, make_leads

PEOPLE = RowLayout(reasons="text", plain=True)
COLUMNS = {name: name for name in ("email", "phone", "company", "employees", "message", "source")}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle()


def scored(folder: Path, bundle: Bundle, layout: RowLayout, name: str = "out.csv", **changes: object) -> pd.DataFrame:
    table = make_leads(90, seed=5).assign(**changes)
    table.columns = table.columns.str.removeprefix("extras.")
    table.to_csv(folder / "in.csv", index=False)
    leads = {"submitted_at": "submitted_at", "columns": COLUMNS}
    settings = Settings(currency="EUR", folder=folder, leads=leads, outcomes={"won": "won"})
    job = ScoreJob(
        folder / "in.csv", bundle, settings, datetime(2026, 6, 1, tzinfo=UTC), include_closed=True, layout=layout
    )
    score_partitioned(job, folder / name)
    return (
        pd.read_csv(folder / name, dtype={"phone": "str"}) if name.endswith("csv") else pd.read_parquet(folder / name)
    )


@given(st.lists(st.floats(0, 1e9), min_size=1), st.booleans())
def test_rounding_keeps_four_digits_and_no_exponent(amounts: list[float], money: bool) -> None:
    values = np.array(amounts)
    result = rounded(values, money=money)
    np.testing.assert_allclose(result[values >= 1e-6], values[values >= 1e-6], rtol=5.001e-4)
    assert (result[values < 1e-6] == 0).all()
    if money:
        np.testing.assert_allclose(result, values, atol=0.00501)


def test_rounding_does_not_bias_a_sum() -> None:
    rng = np.random.default_rng(1)
    for values in (rng.exponential(0.004, 100_000), rng.lognormal(4, 2, 100_000)):
        assert rounded(values, money=True).sum() == pytest.approx(values.sum(), rel=1e-5)


def test_a_csv_for_people_is_short_and_has_no_exponent(tmp_path: Path, bundle: Bundle) -> None:
    full = scored(tmp_path, bundle, RowLayout(), "full.parquet")
    plain = scored(tmp_path, bundle, PEOPLE)
    np.testing.assert_allclose(plain["predicted_value"], full["predicted_value"], rtol=5.001e-4, atol=1e-6)
    rows = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert max(map(len, rows)) < 500
    assert not [row for row in rows if "e-0" in row]
    assert set(plain["scored_at"]) == {"2026-06-01T00:00:00+00:00"}
    assert plain["reasons"].str.contains(r"\([+-]\)").any()
    assert not plain["mql_reason"].str.contains("touch cost").any()
    assert scored(tmp_path, bundle, RowLayout(reasons="none"), "none.parquet")["reasons"].eq("").all()


def test_reasons_in_words_are_the_first_of_the_json(tmp_path: Path, bundle: Bundle) -> None:
    full = scored(tmp_path, bundle, RowLayout(), "full.parquet")
    text = scored(tmp_path, bundle, RowLayout(reasons="text"), "text.parquet")
    for reasons, words in zip(full["reasons"], text["reasons"], strict=True):
        named = [reason["text"] for reason in json.loads(reasons)]
        first = named[0] if not named[0].startswith("Baseline") else named[1]
        assert words.split("; ")[0].removesuffix(" (+)").removesuffix(" (-)").rstrip("…") in first


def test_the_best_open_leads_come_first_and_closed_ones_last(tmp_path: Path, bundle: Bundle) -> None:
    won = np.where(np.arange(90) % 3 == 0, "yes", "")
    for sort, column in (("value", "predicted_value"), ("probability", "win_probability")):
        table = scored(tmp_path, bundle, RowLayout(reasons="text", plain=True, sort=sort), won=won)
        assert len(table) == 90
        closed = table["status"].eq("won")
        assert closed.tolist() == sorted(closed)
        assert closed.sum() == 30
        for part in (table[closed], table[~closed]):
            assert part[column].is_monotonic_decreasing


def test_kept_columns_are_copied_and_no_formula_is_written(tmp_path: Path, bundle: Bundle) -> None:
    company = np.where(np.arange(90) == 1, '=HYPERLINK("http://x")', "Acme")
    layout = RowLayout(keep=("phone", "company"), reasons="text", plain=True)
    table = scored(tmp_path, bundle, layout, company=company)
    assert list(table.columns)[:4] == ["lead_id", "phone", "company", "status"]
    assert table["company"].tolist()[:3] == ["Acme", '\'=HYPERLINK("http://x")', "Acme"]
    expected = make_leads(90, seed=5)["phone"]
    assert table["phone"].fillna("").tolist() == expected.fillna("").tolist()


@pytest.mark.parametrize(
    ("keep", "says"), [("Compani", "'Compani' may be 'company'"), ("status", "the output has a column of that name")]
)
def test_a_column_that_cannot_be_kept_is_named(tmp_path: Path, bundle: Bundle, keep: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        scored(tmp_path, bundle, RowLayout(keep=(keep,)), status="x")

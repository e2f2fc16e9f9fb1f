"""The scores of a file are the scores of its leads, one by one."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from leadworth.errors import InputError
from leadworth.records import SCORE_COLUMNS, Lead
from leadworth.settings import Settings
from models.bundle import Bundle
from models.time_to_win import TimeToWin
from serving.batch.partitioned_run import score_partitioned
from serving.batch.score_job import ScoreJob
from tests.make_bundle import make_bundle, make_leads

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
COLUMNS = {
    "email": "E-mail",
    "first_name": "first_name",
    "phone": "phone",
    "company": "company",
    "job_title": "job_title",
    "employees": "employees",
    "message": "message",
    "source": "source",
    "entry": "entry",
    "user_agent": "user_agent",
    "form_seconds": "form_seconds",
    "demo_requested": "demo_requested",
    "honeypot_filled": "honeypot_filled",
    "webdriver": "webdriver",
}
NUMBERS = ["win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability"]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle()


def settings_of(folder: Path, **outcomes: object) -> Settings:
    return Settings(
        currency="EUR",
        folder=folder,
        leads={"id": "Lead Number", "submitted_at": "submitted_at", "columns": COLUMNS},
        outcomes=outcomes,
    )


def write_leads(path: Path, rows: int = 150, **more: object) -> pd.DataFrame:
    table = make_leads(rows, seed=11).rename(columns={"lead_id": "Lead Number", "email": "E-mail"})
    table.columns = table.columns.str.removeprefix("extras.")
    table = table.assign(**more)
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)
    return table


def read_scores(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"model_version": "str"})


@pytest.mark.parametrize(
    ("given", "wanted"), [("in.csv", "out.csv"), ("in.csv", "out.parquet"), ("in.parquet", "out.csv.gz")]
)
def test_scores_of_a_file_are_those_of_each_lead(tmp_path: Path, bundle: Bundle, given: str, wanted: str) -> None:
    write_leads(tmp_path / given)
    settings = settings_of(tmp_path)
    job = ScoreJob(tmp_path / given, bundle, settings, AS_OF)
    done = score_partitioned(job, tmp_path / wanted)

    scores = read_scores(tmp_path / wanted)
    assert list(scores.columns) == ["Lead Number", "status", *SCORE_COLUMNS]
    assert done.counts.rows_in == done.counts.rows_kept == len(scores) == 150
    raw = pd.concat(
        [
            raw.rows.to_pandas()
            for raw, _ in LeadFile(job.path, settings.leads, UTC, bundle.spec.extras, Rejects(None)).batches()
        ]
    )
    fields = {column: field for field, column in COLUMNS.items()} | {"Lead Number": "lead_id"}
    for row, found in zip(raw.rename(columns=fields).to_dict("records"), scores.to_dict("records"), strict=True):
        said = {name: value for name, value in row.items() if not pd.isna(value)}
        score = bundle.score(Lead(**said), scored_at=AS_OF)
        assert found["Lead Number"] == score.lead_id
        np.testing.assert_allclose(
            [found[name] for name in NUMBERS], [getattr(score, name) for name in NUMBERS], rtol=1e-9
        )
        assert (found["verdict"], found["mql"], found["mql_reason"]) == (score.verdict, score.mql, score.mql_reason)
        assert [reason["code"] for reason in json.loads(found["reasons"])] == [reason.code for reason in score.reasons]
        assert pd.Timestamp(found["scored_at"]) == AS_OF


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_long_texts_of_a_file_are_cut_as_those_of_a_request(tmp_path: Path, bundle: Bundle, suffix: str) -> None:
    huge = "a\x00 long word " * 30_000
    row = dict.fromkeys(("E-mail", "phone", "company", "job_title", "message", "source", "user_agent", "Plan"), huge)
    table = pd.DataFrame([{"Lead Number": "1", **row}])
    path = tmp_path / f"in.{suffix}"
    table.to_parquet(path) if suffix == "parquet" else table.to_csv(path, index=False)
    settings = settings_of(tmp_path)
    [(_, leads)] = LeadFile(path, settings.leads, UTC, bundle.spec.extras, Rejects(None)).batches()
    fields = {column: field for field, column in COLUMNS.items()}
    lead = Lead(**{fields.get(name, name): text for name, text in row.items()})

    assert leads["source"][0] == lead.source
    assert leads["message"][0] == lead.message
    assert leads["extras.Plan"][0] == lead.extras["Plan"]
    np.testing.assert_array_equal(bundle.spec.matrix(leads)[0], bundle.spec.vector(lead))


def test_the_size_of_a_batch_changes_nothing(tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    write_leads(tmp_path / "in.csv")
    job = ScoreJob(tmp_path / "in.csv", bundle, settings_of(tmp_path), AS_OF)
    score_partitioned(job, tmp_path / "whole.csv")
    monkeypatch.setattr(ScoreJob.read, "__defaults__", (7,))
    score_partitioned(job, tmp_path / "parts.csv")

    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()


def test_rejects_and_counts(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "in.csv")
    with (tmp_path / "in.csv").open("a") as file:
        file.write("L1,too,few\n")
    scored = score_partitioned(
        ScoreJob(tmp_path / "in.csv", bundle, settings_of(tmp_path), AS_OF), tmp_path / "out.csv"
    )

    assert (scored.counts.rows_in, scored.counts.rows_kept, scored.counts.rows_rejected) == (151, 150, 1)
    assert scored.counts.rejected == tmp_path / "out.rejected.csv"
    assert scored.summary.total("leads") == 150
    assert scored.summary.total("value") == pytest.approx(read_scores(tmp_path / "out.csv")["predicted_value"].sum())


def test_a_file_that_fails_leaves_nothing_behind(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "in.parquet")
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    content[40:2000] = bytes(1960)
    (tmp_path / "in.parquet").write_bytes(content)

    with pytest.raises(InputError):
        score_partitioned(ScoreJob(tmp_path / "in.parquet", bundle, settings_of(tmp_path), AS_OF), tmp_path / "out.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["in.parquet"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("Lead Number,submitted_at\n", "the file has no rows"),
        ("Lead Number,submitted_at\nL1\nL2,2026-01-01,x,y\n", "2 rows were rejected: wrong number of fields"),
        ("Lead Number,submitted_at\nL1,someday\nL2,whenever\n", "no dates|rejected"),
    ],
)
def test_where_nothing_is_scored_the_last_file_stays(tmp_path: Path, bundle: Bundle, content: str, reason: str) -> None:
    name = "out.csv"
    (tmp_path / "in.csv").write_text(content)
    (tmp_path / name).write_bytes(b"last")
    (tmp_path / "out.rejected.csv").write_bytes(b"last")

    with pytest.raises(InputError, match=reason):
        score_partitioned(ScoreJob(tmp_path / "in.csv", bundle, settings_of(tmp_path), AS_OF), tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(["in.csv", name, "out.rejected.csv"])
    assert (tmp_path / name).read_bytes() == (tmp_path / "out.rejected.csv").read_bytes() == b"last"


def test_the_file_of_leads_is_never_overwritten(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "in.csv")

    with pytest.raises(InputError, match="file of leads itself"):
        score_partitioned(ScoreJob(tmp_path / "in.csv", bundle, settings_of(tmp_path), AS_OF), tmp_path / "in.csv")


def test_absent_columns_are_named(tmp_path: Path, bundle: Bundle) -> None:
    (tmp_path / "in.csv").write_text("Lead Number,E-mail\n1,ada@acme.io\n")
    scored = score_partitioned(
        ScoreJob(tmp_path / "in.csv", bundle, settings_of(tmp_path), AS_OF), tmp_path / "out.csv"
    )

    assert {"Plan", "Seats", "phone", "submitted_at"} <= set(scored.absent)


@pytest.fixture(scope="module")
def late(bundle: Bundle) -> Bundle:
    delay = TimeToWin("weibull", np.log(60.0), 0.0, 0.7, {}, 365.0)
    value_model = dataclasses.replace(bundle.value_model, delay=delay)
    return Bundle(bundle.spec, value_model, bundle.policy, bundle.meta)


def scored(folder: Path, late: Bundle, *, out: str = "out.csv", changes: dict[str, Any], **outcomes: object) -> Any:
    job = ScoreJob(folder / "in.csv", late, settings_of(folder, **outcomes), AS_OF, **changes)
    result = score_partitioned(job, folder / out)
    return result, read_scores(folder / out).set_index("Lead Number")


def chances(folder: Path, late: Bundle, *, at_submit: bool = False, **outcomes: object) -> pd.Series:
    changes = {"at_submit": at_submit, "include_closed": True}
    return scored(folder, late, changes=changes, **outcomes)[1]["win_probability"].reset_index(drop=True)


def test_open_leads_of_the_same_file_are_conditioned_on_their_age(tmp_path: Path, late: Bundle) -> None:
    won = ["yes" if number % 3 == 0 else "no" for number in range(150)]
    leads = write_leads(tmp_path / "in.csv", Won=won)
    fresh = chances(tmp_path, late, at_submit=True, won="Won")
    aged = chances(tmp_path, late, won="Won")

    closed = leads["Won"].eq("yes")
    np.testing.assert_array_equal(aged[closed], fresh[closed])
    assert (aged[~closed] < fresh[~closed]).all()
    row = make_leads(150, seed=11).iloc[1]
    lead = Lead(**{str(k).removeprefix("extras."): v for k, v in row.items() if not pd.isna(v)})
    age = (AS_OF - row["submitted_at"]).total_seconds() / 86_400
    assert aged[1] == pytest.approx(late.score(lead, scored_at=AS_OF, age_days=age).win_probability, rel=1e-9)


def test_leads_that_the_file_of_outcomes_does_not_know_are_open(tmp_path: Path, late: Bundle) -> None:
    write_leads(tmp_path / "in.csv")
    (tmp_path / "deals.csv").write_text("lead,won_at,lost_at\nL0,2026-02-01,\nL1,,2026-02-01\nL2,,\nL3,2026-09-01,\n")
    outcomes: dict[str, object] = {"path": "deals.csv", "lead_id": "lead", "won_at": "won_at", "lost_at": "lost_at"}
    fresh = chances(tmp_path, late, at_submit=True, **outcomes)
    aged = chances(tmp_path, late, **outcomes)

    assert (aged[:2] == fresh[:2]).all()
    assert (aged[2:] < fresh[2:]).all()


def test_without_outcomes_no_lead_has_an_age(tmp_path: Path, late: Bundle) -> None:
    write_leads(tmp_path / "in.csv")

    pd.testing.assert_series_equal(chances(tmp_path, late, won="Won"), chances(tmp_path, late, at_submit=True))


DEALS: dict[str, object] = {
    "path": "deals.csv",
    "lead_id": "lead",
    "won_at": "won_at",
    "lost_at": "lost_at",
    "junk": {"column": "said", "values": ["Spam"]},
}


def write_deals(folder: Path) -> None:
    write_leads(folder / "in.csv")
    lines = ["lead,won_at,lost_at,said", "L0,2026-02-01,,", "L1,,2026-02-01,", "L2,,,Spam", "L3,2026-09-01,,"]
    (folder / "deals.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_closed_leads_are_counted_and_left_out(tmp_path: Path, late: Bundle, out: str) -> None:
    write_deals(tmp_path)
    result, rows = scored(tmp_path, late, out=out, changes={}, **DEALS)
    _, every = scored(tmp_path, late, out="every.csv", changes={"include_closed": True}, **DEALS)

    assert result.statuses.closed == {"won": 1, "junk": 1, "lost": 1}
    assert not {"L0", "L1", "L2"} & set(rows.index)
    assert set(rows["status"]) == {"open"}
    assert len(rows) == 147 == result.summary.total("leads")
    assert every.loc[["L0", "L1", "L2", "L3"], "status"].tolist() == ["won", "lost", "junk", "open"]
    np.testing.assert_allclose(every.loc[rows.index, "predicted_value"], rows["predicted_value"])


def test_a_batch_of_closed_leads_only(tmp_path: Path, late: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    write_deals(tmp_path)
    monkeypatch.setattr(ScoreJob.read, "__defaults__", (2,))
    result, rows = scored(tmp_path, late, changes={}, **DEALS)

    assert len(rows) == 147
    assert result.counts.rows_kept == 150 == sum(result.statuses.leads.values())


def test_without_an_open_lead_the_last_file_stays(tmp_path: Path, late: Bundle) -> None:
    write_leads(tmp_path / "in.csv", Won="yes")
    (tmp_path / "out.csv").write_text("the last one")

    with pytest.raises(InputError, match=r"all 150 leads of .*in\.csv are closed.*--include-closed or --at-submit"):
        scored(tmp_path, late, changes={}, won="Won")
    assert (tmp_path / "out.csv").read_text() == "the last one"
    assert len(scored(tmp_path, late, changes={"at_submit": True}, won="Won")[1]) == 150


def test_leads_past_the_horizon_are_counted_and_have_no_value_left(tmp_path: Path, late: Bundle) -> None:
    leads = write_leads(tmp_path / "in.csv", Won="no")
    leads.loc[:9, "submitted_at"] = pd.Timestamp("2024-05-01", tz="UTC")
    leads.loc[10:11, "submitted_at"] = pd.Timestamp("2026-06-02", tz="UTC")
    leads.to_csv(tmp_path / "in.csv", index=False)
    result, rows = scored(tmp_path, late, changes={}, won="Won")

    assert dict(result.statuses.leads) == {"past horizon": 10, "at submit": 2, "open": 138}
    assert result.statuses.last_submit == pd.Timestamp("2026-06-02", tz="UTC")
    _, fresh = scored(tmp_path, late, changes={"at_submit": True}, won="Won")
    ratio = rows["predicted_value"] / fresh["predicted_value"]
    assert (ratio[rows["status"].eq("past horizon")] < 1e-6).all()
    assert (ratio[rows["status"].eq("at submit")] == 1).all()

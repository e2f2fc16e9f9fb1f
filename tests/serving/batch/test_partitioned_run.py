"""A partitioned run gives what scoring without parts gives, goes on after an interruption, and loses no row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from crm import lead_partitions
from crm.lead_partitions import LeadPartition
from crm.rejects import Rejects, TableCounts, rejected_path
from leadworth.errors import InputError
from leadworth.settings import Settings
from models.bundle import Bundle
from monitoring.input_skew import VectorSample
from serving.batch.atomic_writer import TableWriter
from serving.batch.engines.worker_processes import InProcess, open_processes
from serving.batch.lead_statuses import CLOSED, StatusCounts
from serving.batch.partitioned_run import score_partitioned
from serving.batch.run_folder import find_unfinished, run_folder
from serving.batch.score_job import ScoreJob
from serving.batch.scored_rows import RowLayout, SortedRows, sort_keys
from tests.make_bundle import make_bundle, make_leads
from tests.serving.batch.test_score_job import settings_of, write_leads
from training.velocity_backfill import with_velocity

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ROWS = 400


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle()


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead_partitions, "ROWS", 90)


def job_of(path: Path, bundle: Bundle, settings: Settings | None = None, **more: Any) -> ScoreJob:
    return ScoreJob(path, bundle, settings or settings_of(path.parent), AS_OF, **more)


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.is_dir():
        files = sorted(path.glob("*.parquet"))
        return [row for file in files for row in parquet.read_table(file).to_pylist()]
    return (parquet.read_table(path) if path.suffix == ".parquet" else arrow_csv.read_csv(path)).to_pylist()


def score_whole(job: ScoreJob, out: Path) -> tuple[TableCounts, StatusCounts, float]:
    """Score the leads without parts, as the mirror of a CRM is scored; return the counts and the predicted value."""
    statuses, value = StatusCounts(), 0.0
    velocity = job.count(write=False)
    with Rejects(rejected_path(out)) as rejects, TableWriter(out) as writer:
        file, ranked = job.open(rejects), SortedRows()
        for batch in job.scored(file, velocity, statuses, VectorSample()):
            value += batch.scores.loc[~np.isin(batch.statuses, CLOSED), "predicted_value"].sum()
            rows = job.layout.rows(job.settings.leads.id, batch, as_csv=writer.format != "parquet")
            if job.layout.sort == "file":
                writer.write(rows)
            else:
                ranked.add(rows, sort_keys(job.layout.sort, batch))
        for rows in ranked.tables():
            writer.write(rows)
        return file.counts, statuses, value


@pytest.mark.parametrize("source", ["leads.csv", "leads.parquet"])
@pytest.mark.parametrize("target", ["scored.csv", "scored.parquet", "scored"])
def test_rows_are_those_without_parts(tmp_path: Path, bundle: Bundle, source: str, target: str) -> None:
    write_leads(tmp_path / source, ROWS)
    job = job_of(tmp_path / source, bundle)
    counts, statuses, value = score_whole(job, tmp_path / f"whole{Path(target).suffix or '.parquet'}")
    parts = score_partitioned(job, tmp_path / target, InProcess())
    assert rows_of(tmp_path / target) == rows_of(next(tmp_path.glob("whole.*")))
    assert dataclasses.asdict(parts.counts) == dataclasses.asdict(counts)
    assert parts.statuses == statuses
    assert parts.summary.total("value") == pytest.approx(value)
    assert not run_folder(tmp_path / target).exists()


def test_rejected_rows_come_from_every_part(tmp_path: Path, bundle: Bundle) -> None:
    path = tmp_path / "leads.csv"
    write_leads(path, ROWS)
    lines = path.read_text().splitlines()
    assert lines[0].startswith("Lead Number,")
    lines[50:50] = ["too,few"]
    lines[300:300] = [lines[300][lines[300].index(",") :], "too,few"]
    path.write_text("\n".join(lines) + "\n")
    job = job_of(path, bundle)
    counts, _, _ = score_whole(job, tmp_path / "whole.csv")
    parts = score_partitioned(job, tmp_path / "parts.csv", InProcess())
    assert parts.counts.rows_in == counts.rows_in
    assert parts.counts.rows_rejected == counts.rows_rejected == 3
    first, second = (pd.read_csv(tmp_path / f"{name}.rejected.csv") for name in ("whole", "parts"))
    assert sorted(first["line"]) == sorted(second["line"])
    score_partitioned(job_of(_without_faults(tmp_path), bundle), tmp_path / "parts.csv", InProcess())
    assert not (tmp_path / "parts.rejected.csv").exists()


def test_unfinished_output_is_where_the_next_run_removes_it(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_leads(tmp_path / "leads.csv", ROWS)
    neighbours: set[str] = set()
    write = TableWriter.write

    def note(writer: TableWriter, rows: pa.Table) -> None:
        write(writer, rows)
        neighbours.update(path.name for path in tmp_path.iterdir())

    monkeypatch.setattr(TableWriter, "write", note)
    out = tmp_path / "scored.csv"
    score_partitioned(job_of(tmp_path / "leads.csv", bundle), out, InProcess())
    assert neighbours == {"leads.csv", run_folder(out).name}
    assert {path.name for path in tmp_path.iterdir()} == {"leads.csv", "scored.csv"}


def _without_faults(folder: Path) -> Path:
    write_leads(folder / "good.csv", 100)
    return folder / "good.csv"


def test_a_folder_of_files_is_read_in_order(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "all.parquet", ROWS)
    table = parquet.read_table(tmp_path / "all.parquet")
    folder = tmp_path / "leads"
    (folder / "day=2").mkdir(parents=True)
    parquet.write_table(table.slice(0, 150), folder / "a.parquet", row_group_size=40)
    parquet.write_table(table.slice(150), folder / "day=2" / "b.parquet", row_group_size=100)
    parquet.write_table(table.slice(0, 3), folder / "_ignored.parquet")
    settings = settings_of(tmp_path)
    score_whole(job_of(tmp_path / "all.parquet", bundle, settings), tmp_path / "whole.parquet")
    score_partitioned(job_of(folder, bundle, settings), tmp_path / "scored.parquet", InProcess())
    assert rows_of(tmp_path / "scored.parquet") == rows_of(tmp_path / "whole.parquet")


def test_sorted_rows_and_closed_leads(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "leads.parquet", ROWS, won=[bool(row % 7 == 0) for row in range(ROWS)])
    settings = settings_of(tmp_path, won="won")
    for include in (False, True):
        layout = RowLayout(sort="value", keep=("company",))
        job = job_of(tmp_path / "leads.parquet", bundle, settings, include_closed=include, layout=layout)
        score_whole(job, tmp_path / "whole.parquet")
        score_partitioned(job, tmp_path / "parts.parquet", InProcess())
        assert rows_of(tmp_path / "parts.parquet") == rows_of(tmp_path / "whole.parquet")


class StopsAfter:
    """Engine that is interrupted."""

    name = "interrupted"

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self.tasks = 0

    def map(self, function: Callable[[LeadPartition], Any], partitions: Sequence[LeadPartition]) -> Iterator[Any]:
        for partition in partitions:
            if self.tasks == self.parts:
                raise KeyboardInterrupt
            self.tasks += 1
            yield function(partition)


@pytest.mark.parametrize("parts", [0, 2, 4])
def test_an_interrupted_run_goes_on(tmp_path: Path, bundle: Bundle, parts: int) -> None:
    write_leads(tmp_path / "leads.csv", ROWS)
    job = job_of(tmp_path / "leads.csv", bundle)
    out = tmp_path / "scored.parquet"
    with pytest.raises(KeyboardInterrupt):
        score_partitioned(job, out, StopsAfter(parts))
    assert not out.exists()
    later = dataclasses.replace(job, as_of=datetime(2026, 6, 2, tzinfo=UTC))
    unfinished = find_unfinished(later, out)
    assert unfinished is not None
    assert (unfinished.as_of, unfinished.parts) == (AS_OF, parts)
    engine = StopsAfter(99)
    score_partitioned(job, out, engine)
    score_whole(job, tmp_path / "whole.parquet")
    assert rows_of(out) == rows_of(tmp_path / "whole.parquet")
    assert not run_folder(out).exists()


def test_another_job_does_not_go_on(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "leads.csv", ROWS)
    job = job_of(tmp_path / "leads.csv", bundle)
    with pytest.raises(KeyboardInterrupt):
        score_partitioned(job, tmp_path / "scored.parquet", StopsAfter(3))
    other = dataclasses.replace(job, include_closed=True)
    assert find_unfinished(other, tmp_path / "scored.parquet") is None
    write_leads(tmp_path / "leads.csv", 120)
    assert find_unfinished(job, tmp_path / "scored.parquet") is None
    score_partitioned(job, tmp_path / "scored.parquet", InProcess())
    assert len(rows_of(tmp_path / "scored.parquet")) == 120


def test_an_existing_folder_is_not_overwritten(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "leads.csv", 20)
    (tmp_path / "scored").mkdir()
    with pytest.raises(InputError, match="exists"):
        score_partitioned(job_of(tmp_path / "leads.csv", bundle), tmp_path / "scored", InProcess())


def test_files_with_other_columns_are_refused(tmp_path: Path, bundle: Bundle) -> None:
    folder = tmp_path / "leads"
    folder.mkdir()
    parquet.write_table(pa.table({"Lead Number": ["1"]}), folder / "a.parquet")
    parquet.write_table(pa.table({"Other": ["1"]}), folder / "b.parquet")
    with pytest.raises(InputError, match=r"b\.parquet has the columns Other"):
        score_partitioned(job_of(folder, bundle), tmp_path / "scored.parquet", InProcess())


def with_addresses(rows: int, seed: int) -> pd.DataFrame:
    leads = make_leads(rows, seed)
    return leads.assign(ip=[f"10.0.0.{number % 5}" for number in range(rows)])


def test_processes_count_velocity_among_all_leads(tmp_path: Path) -> None:
    bundle = make_bundle(leads=with_velocity(with_addresses(400, seed=7)))
    assert "velocity" in bundle.spec.needs
    leads = with_addresses(ROWS, seed=11).rename(columns={"lead_id": "Lead Number", "email": "E-mail"})
    leads.columns = leads.columns.str.removeprefix("extras.")
    leads.sample(frac=1.0, random_state=3).to_csv(tmp_path / "leads.csv", index=False)
    settings = settings_of(tmp_path)
    source = settings.leads.model_copy(update={"columns": {**settings.leads.columns, "ip": "ip"}})
    job = job_of(tmp_path / "leads.csv", bundle, settings.model_copy(update={"leads": source}))
    score_whole(job, tmp_path / "whole.parquet")
    with open_processes(2) as engine:
        score_partitioned(job, tmp_path / "scored.parquet", engine)
    assert rows_of(tmp_path / "scored.parquet") == rows_of(tmp_path / "whole.parquet")
    alone = dataclasses.replace(job, settings=settings)
    score_whole(alone, tmp_path / "alone.parquet")
    assert rows_of(tmp_path / "alone.parquet") != rows_of(tmp_path / "whole.parquet")


def test_rejected_rows_of_a_folder_name_their_file(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "all.parquet", 60)
    table = parquet.read_table(tmp_path / "all.parquet")
    ids = pa.array([None if row in {5, 45} else str(row) for row in range(60)])
    table = table.set_column(table.column_names.index("Lead Number"), "Lead Number", ids)
    (tmp_path / "leads" / "x").mkdir(parents=True)
    parquet.write_table(table.slice(0, 40), tmp_path / "leads" / "a.parquet")
    parquet.write_table(table.slice(40), tmp_path / "leads" / "x" / "b.parquet")
    for largest in (lead_partitions.LARGEST, 30):  # the second time, the first file is divided anew
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lead_partitions, "LARGEST", largest)
            job = job_of(tmp_path / "leads", bundle, settings_of(tmp_path))
            scored = score_partitioned(job, tmp_path / "scored.csv", InProcess())
        assert (scored.counts.rows_in, scored.counts.rows_rejected) == (60, 2)
        rejected = pd.read_csv(tmp_path / "scored.rejected.csv")
        assert rejected[["file", "line"]].to_numpy().tolist() == [["a.parquet", 6], ["x/b.parquet", 6]]


def test_dates_are_read_as_in_the_first_rows(tmp_path: Path, bundle: Bundle) -> None:
    days = [f"{13 + row % 10 if row < 90 else 1 + row % 12:02}/02/2026" for row in range(ROWS)]
    write_leads(tmp_path / "leads.csv", ROWS, submitted_at=days, won_on=[day if "0" in day else "" for day in days])
    job = job_of(tmp_path / "leads.csv", bundle, settings_of(tmp_path, won_at="won_on"), include_closed=True)
    score_whole(job, tmp_path / "whole.parquet")
    score_partitioned(job, tmp_path / "scored.parquet", InProcess())
    assert rows_of(tmp_path / "scored.parquet") == rows_of(tmp_path / "whole.parquet")


def test_the_output_is_not_among_the_leads(tmp_path: Path, bundle: Bundle) -> None:
    write_leads(tmp_path / "leads.parquet", 20)
    with pytest.raises(InputError, match="is the file of leads itself"):
        score_partitioned(job_of(tmp_path / "leads.parquet", bundle), tmp_path / "leads.parquet", InProcess())
    with pytest.raises(InputError, match="is in the folder of leads"):
        score_partitioned(job_of(tmp_path, bundle), tmp_path / "scored.parquet", InProcess())


def test_the_output_replaces_no_file_that_is_read(tmp_path: Path, bundle: Bundle) -> None:
    for name in ("new.csv", "leads.csv", "deals.csv", "roles.csv", "fixed.rejected.csv"):
        write_leads(tmp_path / name, 20)
    joins = ({"path": "roles.csv", "column": "id", "meets": "id"},)
    settings = settings_of(tmp_path, path="deals.csv", lead_id="id", joins=joins)
    settings = settings.model_copy(update={"leads": settings.leads.model_copy(update={"path": "leads.csv"})})
    kept = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for out, table in (("leads", "leads"), ("deals", "outcomes"), ("roles", r"outcomes\.joins\[0\]")):
        with pytest.raises(InputError, match=rf"{out}.csv is the file of \[{table}\] itself"):
            score_partitioned(job_of(tmp_path / "new.csv", bundle, settings), tmp_path / f"{out}.csv", InProcess())
    with pytest.raises(InputError, match="for rows that are set aside, is the file of leads itself"):
        score_partitioned(job_of(tmp_path / "fixed.rejected.csv", bundle), tmp_path / "fixed.csv", InProcess())
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == kept

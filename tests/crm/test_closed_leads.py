"""Closed leads, read in batches, are those of the outcome table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from crm.closed_leads import STATUSES, read_closed, row_statuses
from crm.lead_history import read_history
from crm.outcome_table import OutcomeReader
from crm.raw_table import RawBatch
from leadworth.errors import InputError
from leadworth.settings import OutcomesSource, Settings
from tests.crm.outcome_rows import END

IDS = [str(number) for number in range(6)]
STAGES: dict[str, object] = {
    "path": "deals.csv",
    "stage": "stage",
    "stage_at": "at",
    "won_stages": ["Won"],
    "lost_stages": ["Lost"],
    "junk": {"column": "stage", "values": ["Junk"]},
}
DEALS: dict[str, object] = {"path": "deals.csv", "won_at": "won", "lost_at": "lost"}


def settings_of(folder: Path, outcomes: dict[str, object]) -> Settings:
    (folder / "leads.csv").write_text("lead_id\n" + "\n".join(IDS) + "\n")
    return Settings(currency="EUR", folder=folder, leads={"path": "leads.csv"}, outcomes=outcomes)


def closed_ids(settings: Settings, as_of: datetime = END) -> dict[str, str]:
    closed = read_closed(settings, as_of)
    assert closed is not None
    codes = closed.among(pd.Series(IDS, dtype="str"))
    return {name: STATUSES[code] for name, code in zip(IDS, codes, strict=True) if code}


def by_table(settings: Settings) -> dict[str, str]:
    table = read_history(settings).outcomes.sort_values("lead_id")
    statuses = np.select([table["won"], table["junk"], table["lost"]], ["won", "junk", "lost"], "open")
    return {name: status for name, status in zip(table["lead_id"], statuses, strict=True) if status != "open"}


@profile(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(IDS), st.sampled_from(["New", "Won", "Lost", "Junk", ""]), st.integers(1, 28)),
        max_size=25,
        unique_by=lambda row: (row[0], row[2]),
    )
)
def test_a_stage_history(tmp_path: Path, rows: list[tuple[str, str, int]]) -> None:
    lines = [f"{name},{stage},2026-01-{day:02d}" for name, stage, day in rows]
    (tmp_path / "deals.csv").write_text("lead_id,stage,at\n" + "\n".join(lines))
    settings = settings_of(tmp_path, STAGES)

    assert closed_ids(settings) == by_table(settings)


@profile(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(IDS), st.sampled_from(["", "2026-01-05"]), st.sampled_from(["", "2026-01-06"])),
        max_size=25,
    )
)
def test_deals(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    (tmp_path / "deals.csv").write_text("lead_id,won,lost\n" + "\n".join(map(",".join, rows)))
    settings = settings_of(tmp_path, DEALS)

    assert closed_ids(settings) == by_table(settings)


def test_later_outcomes_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("lead_id,won,lost\n1,2026-01-05,\n2,,2026-02-05\n3,2026-03-05,\n")
    settings = settings_of(tmp_path, DEALS)

    assert closed_ids(settings, datetime(2026, 2, 6, tzinfo=UTC)) == {"1": "won", "2": "lost"}
    (tmp_path / "deals.csv").write_text("lead_id,stage,at\n1,Lost,2026-01-05\n1,New,2026-03-01\n2,Won,2026-03-01\n")
    settings = settings_of(tmp_path, STAGES)
    assert closed_ids(settings, datetime(2026, 2, 6, tzinfo=UTC)) == {"1": "lost"}
    assert closed_ids(settings) == {"2": "won"}


def test_outcomes_in_the_file_of_the_leads_have_no_table(tmp_path: Path) -> None:
    assert read_closed(settings_of(tmp_path, {"won": "won"}), END) is None


def test_rows_of_a_file() -> None:
    rows = pa.table(
        {
            "won": ["1", "0", "", "0"],
            "status": ["", "spam", "", ""],
            "at": ["", "", "", "2027-02-01"],
        }
    )
    source = OutcomesSource(won="won", lost_at="at", junk={"column": "status", "values": ["Spam"]})
    facts = OutcomeReader(source).read(RawBatch(rows, np.arange(4)))

    assert [STATUSES[code] for code in row_statuses(facts, END)] == ["won", "junk", "open", "open"]


def test_a_disposition_counts_from_the_day_on_which_it_became_known() -> None:
    rows = pa.table({"status": ["Spam", "Spam", "Spam"], "said": ["2026-01-05", "2027-01-05", ""]})
    source = OutcomesSource(junk={"column": "status", "values": ["Spam"]}, known_at="said")
    facts = OutcomeReader(source).read(RawBatch(rows, np.arange(3)))

    assert [STATUSES[code] for code in row_statuses(facts, END)] == ["junk", "open", "junk"]


def test_a_table_of_outcomes_that_lacks_a_column(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("lead,won,lost\n")

    with pytest.raises(InputError, match=r"outcomes\.lead_id = 'lead_id' \(nearest: lead\)"):
        read_closed(settings_of(tmp_path, DEALS), END)

"""Sessions are a person and a session number, with the source of the session's last click."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from leadworth.errors import InputError
from reporting.imports.import_proposal import ImportOptions
from reporting.imports.import_rows import TrafficRow
from reporting.imports.read_import import ImportContent, read_import
from reporting.imports.undecided import UndecidedError


def value(**set_: Any) -> dict[str, Any]:
    return {"string_value": None, "int_value": None, "float_value": None, "double_value": None, **set_}


def event(name: str, session: int | None, person: str = "p1", day: str = "20261001", **changes: Any) -> dict[str, Any]:
    parameters = [{"key": "page_location", "value": value(string_value="https://example.com")}]
    if session is not None:
        parameters.append({"key": "ga_session_id", "value": value(int_value=session)})
    if changes.get("engaged"):
        parameters.append({"key": "session_engaged", "value": value(string_value="1")})
    if "ms" in changes:
        parameters.append({"key": "engagement_time_msec", "value": value(int_value=changes["ms"])})
    manual = {"campaign_id": None, "campaign_name": None, "source": None, "medium": None, **changes.get("manual", {})}
    ads = {"customer_id": None, "campaign_id": None, "campaign_name": None, **changes.get("ads", {})}
    return {
        "event_date": day,
        "event_timestamp": 1,
        "event_name": name,
        "event_params": parameters,
        "user_pseudo_id": person,
        "geo": {"country": "Italy"},
        "traffic_source": {"source": "first-visit-ever", "medium": "x"},
        "session_traffic_source_last_click": {"manual_campaign": manual, "google_ads_campaign": ads},
    }


EVENTS = [
    event("session_start", 1, manual={"source": "linkedin", "medium": "cpc", "campaign_name": "Brand"}),
    event("page_view", 1, ms=12_000, engaged=True),
    event("page_view", 1, day="20261002", ms=500),
    event("page_view", 1, person="p2", ads={"campaign_id": "77", "campaign_name": "Search"}),
    event("page_view", 2, person="p2"),
    event("first_open", None, person="p3"),
]


def read(path: Path, account: str | None = "314159") -> ImportContent:
    return read_import(path, {"traffic", "metrics", "queries"}, ImportOptions(account=account))


def test_sessions_of_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "events_20261001.parquet"
    parquet.write_table(pa.Table.from_pylist(EVENTS), path)
    content = read(path)
    rows = {(row.source, row.medium): row for row in content.batches[0].rows if isinstance(row, TrafficRow)}
    day = date(2026, 10, 1)
    assert rows["linkedin", "cpc"] == TrafficRow(
        "314159", day, "linkedin", "cpc", "", "Brand", "IT", None, 1, 1, users=1, views=2, session_seconds=12
    )
    assert rows["google", "cpc"].campaign_id == "77"
    assert rows["(direct)", "(none)"].sessions == 1
    assert (content.rows_read, content.set_aside, content.rows.total) == (6, 1, 3)


def test_flat_events_of_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    parameters = json.dumps(EVENTS[1]["event_params"]).replace('"', '""')
    path.write_text(
        "event_date,event_name,user_pseudo_id,event_params,session_traffic_source_last_click_manual_campaign_source\n"
        f'20261001,page_view,p1,"{parameters}",newsletter\n'
    )
    row = read(path).batches[0].rows[0]
    assert isinstance(row, TrafficRow)
    assert (row.source, row.sessions, row.engaged_sessions, row.session_seconds) == ("newsletter", 1, 1, 12)


def test_first_user_sources_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_date,user_pseudo_id,ga_session_id,traffic_source.source\n20261001,p1,1,google\n")
    with pytest.raises(InputError, match="first visit ever"):
        read(path)


def test_tables_of_today_have_no_sources(tmp_path: Path) -> None:
    path = tmp_path / "events_intraday_20261001.parquet"
    parquet.write_table(pa.Table.from_pylist([event("page_view", 1)]), path)
    with pytest.raises(InputError, match="events_intraday"):
        read(path)


def test_the_property_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    parquet.write_table(pa.Table.from_pylist(EVENTS), path)
    with pytest.raises(UndecidedError, match="--account"):
        read(path, None)

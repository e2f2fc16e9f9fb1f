"""Spool file of rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from store.spool import Spool, StoreEntry, joined
from tests.store.rows import decision_row, event


def test_full_spool_refuses_rows(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit_bytes=1000)
    spool.append([StoreEntry([decision_row()])])
    with pytest.raises(OSError, match="1000 bytes"):
        spool.append([StoreEntry([decision_row()])])
    spool.release()


def test_torn_line_loses_only_itself(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([StoreEntry([decision_row("A")]), StoreEntry([decision_row("B")])])
    spool.release()
    [path] = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"rows": [{"decision')
    taken: list[StoreEntry] = []
    assert Spool(tmp_path).drain(taken.extend) == 2
    assert [entry.rows[0]["lead_id"] for entry in taken] == ["A", "B"]


def test_spool_of_a_running_process_is_not_drained(tmp_path: Path) -> None:
    living = Spool(tmp_path)
    living.append([StoreEntry([decision_row()])])
    assert Spool(tmp_path).drain(list) == 0
    assert living.drain(list) == 1


def test_spool_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([StoreEntry([decision_row()])])
    [path] = tmp_path.glob("*.jsonl")
    assert os.stat(path).st_mode & 0o077 == 0
    spool.release()


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    entry = StoreEntry([decision_row("A", vector=b"\x00\xff")], outbox={"export_events": [event("A")]})
    spool.append([entry])
    drained: list[StoreEntry] = []
    assert spool.drain(drained.extend) == 1
    assert drained == [entry]


def test_outbox_rows_of_an_older_version_get_the_present_column_names(tmp_path: Path) -> None:
    old_names = {"sent_value": "told", "in_doubt_until": "quiet_until"}
    row = event("A", sent_value="1.00")
    old = {old_names.get(name, name): value for name, value in row.items()}
    line = json.dumps({"rows": [], "answer": None, "told": {"export_events": [old]}})
    (tmp_path / "1-dead.jsonl").write_text(line + "\n")
    drained: list[StoreEntry] = []
    assert Spool(tmp_path).drain(drained.extend) == 1
    assert drained[0].outbox == {"export_events": [row]}


def test_entries_are_joined() -> None:
    first = StoreEntry([decision_row("A")], outbox={"export_events": [event("A")]})
    second = StoreEntry([decision_row("B")], outbox={"export_events": [event("B")]})
    entry = joined([first, second])
    assert [row["lead_id"] for row in entry.rows] == ["A", "B"]
    assert [row["lead_id"] for row in entry.outbox["export_events"]] == ["A", "B"]

"""Scores that people edited in the CRM; all connectors: `tests/contracts/test_crm_connectors.py`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.edited_scores import forget_edited_scores
from leadworth.crm_records import (
    CONVERTED_LINK,
    CrmField,
    CrmRecord,
    RecordLink,
    RecordState,
    RecordWriteResult,
    ScoreRow,
)
from store import crm_links, crm_scores
from store.crm_mirror import CrmMirror
from tests.crm.memory_connector import OWN
from tests.crm.mirror_bench import START, MirrorBench

FIELDS = {"lw_band": CrmField("band", "Band", "choice", {"1": "A", "2": "B"})}
LATER = START + timedelta(minutes=5)


def forgotten(
    bench: MirrorBench, record: CrmRecord, *, reported: datetime | None = START, converted: bool = False
) -> bool:
    """Return whether what was written to a lead is forgotten once the lead is read; band A was written."""
    rows = [ScoreRow("7", {"lw_band": "A"})]

    def read(mirror: CrmMirror) -> bool:
        connection = mirror.connection
        crm_scores.want(connection, "memory", "leads", rows, START)
        results = [RecordWriteResult("7", modified_at=reported)]
        crm_scores.note_results(connection, "memory", "leads", rows, results, START + timedelta(seconds=3))
        links = [RecordLink("deals", "9", CONVERTED_LINK)] if converted else []
        crm_links.replace(mirror, "leads", {"7": links}, START)
        forget_edited_scores(mirror, bench.connector, "leads", [record], FIELDS)
        return crm_scores.of_records(connection, "memory", "leads", ["7"])["7"].written is None

    return bool(bench.mirror(read))


@pytest.mark.parametrize(("band", "edited"), [("1", False), ("2", True), (None, True)])
def test_another_band_than_was_written_is_an_edit(bench: MirrorBench, band: str | None, edited: bool) -> None:
    record = CrmRecord("leads", "7", {"band": band}, modified_at=LATER, modified_by="rep")
    assert forgotten(bench, record) is edited


def test_what_leadworth_changed_was_read_before_or_lies_elsewhere_is_no_edit(bench: MirrorBench) -> None:
    assert not forgotten(bench, CrmRecord("leads", "7", {"band": "2"}, modified_at=LATER, modified_by=OWN))
    before = CrmRecord("leads", "7", {"band": "2"}, modified_at=START - timedelta(seconds=1), modified_by="rep")
    assert not forgotten(bench, before)
    assert not forgotten(bench, CrmRecord("leads", "7", {}, modified_at=LATER, modified_by="rep"))
    edited = CrmRecord("leads", "7", {"band": "2"}, modified_at=LATER, modified_by="rep")
    assert not forgotten(bench, edited, converted=True)
    assert not forgotten(bench, CrmRecord("leads", "7", {"band": None}, modified_at=LATER, state=RecordState.DELETED))
    assert forgotten(bench, edited, reported=None)

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from leadworth.crm_records import CrmField, CrmStage, StageMeaning
from store import crm_field_lists
from store.crm_field_lists import FieldDrift

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE, SOURCE, ROOF = (
    CrmField("Size", "Size", "number"),
    CrmField("Src", "Source", "enum", {"1": "Ads"}),
    CrmField("R", "Roof", "text"),
)


def test_the_difference_of_two_field_lists_is_named(connection: Connection) -> None:
    assert crm_field_lists.note_fields(connection, "acme", "leads", [SIZE, SOURCE], NOW) == FieldDrift()
    assert crm_field_lists.fields_of(connection, "acme", "leads") == [SIZE, SOURCE]
    drift = crm_field_lists.note_fields(connection, "acme", "leads", [SOURCE, ROOF], NOW)
    assert drift == FieldDrift(("R",), ("Size",))
    assert crm_field_lists.vanished_fields(connection, "acme") == [("leads", "Size", NOW)]
    assert crm_field_lists.note_fields(connection, "acme", "leads", [SIZE, SOURCE, ROOF], NOW) == FieldDrift(("Size",))
    assert crm_field_lists.vanished_fields(connection, "acme") == []


def test_former_stages_stay(connection: Connection) -> None:
    old = CrmStage("deals", "old", "Old", StageMeaning.OPEN, "p", 1)
    won = CrmStage("deals", "won", "Won", StageMeaning.WON, "p", 2)
    crm_field_lists.note_stages(connection, "acme", [old, won])
    crm_field_lists.note_stages(connection, "acme", [won])
    assert crm_field_lists.stages_of(connection, "acme", "deals") == [old, won]

"""Writing of scores."""

from __future__ import annotations

import pytest

from crm.connectors.odoo.odoo_scores import SCORE_NAMES, written_values
from crm.connectors.odoo.odoo_values import LEAD
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import ScoreRow
from leadworth.errors import TerminalError
from tests.crm.connectors.odoo.odoo_database import Database


@pytest.fixture
def ready(database: Database) -> Database:
    """A database with the fields of the scores."""
    database.connector.create_score_fields(LEAD)
    database.peer.calls.clear()
    return database


def _methods(database: Database) -> list[str]:
    return [method for _, method, _ in database.peer.calls if method in ("write", "load")]


def test_the_fields_are_created_once(any_database: Database) -> None:
    connector = any_database.connector
    assert len(connector.missing_score_fields(LEAD)) == len(SCORE_FIELDS)
    assert connector.create_score_fields(LEAD) == [field.name for field in SCORE_FIELDS]
    assert connector.create_score_fields(LEAD) == connector.missing_score_fields(LEAD) == []
    fields = {field.name: field for field in connector.fields(LEAD)}
    assert fields["x_lw_expected_revenue"].label == "leadworth expected revenue (EUR)"
    assert list(fields["x_lw_band"].options) == ["A", "B", "C", "D", "E"]


def test_only_an_administrator_creates_fields(database: Database) -> None:
    database.peer.methods.is_administrator = False
    with pytest.raises(TerminalError, match="may not create fields"):
        database.connector.create_score_fields(LEAD)


def test_different_scores_are_one_import_and_equal_ones_one_write(ready: Database) -> None:
    leads = [ready.lead() for _ in range(4)]
    rows = [ScoreRow(lead, {"lw_win_probability": place / 10, "lw_band": "B"}) for place, lead in enumerate(leads)]
    assert all(not result.reason for result in ready.connector.write(LEAD, rows))
    assert _methods(ready) == ["load"]
    assert [ready.account.of(LEAD)[lead].values["x_lw_win_probability"] for lead in leads] == [0.0, 0.1, 0.2, 0.3]
    ready.peer.calls.clear()
    ready.connector.write(LEAD, [ScoreRow(lead, {"lw_band": "A"}) for lead in leads])
    assert _methods(ready) == ["write"]
    assert {ready.account.of(LEAD)[lead].values["x_lw_band"] for lead in leads} == {"A"}


def test_only_score_fields_are_written_and_in_silence(ready: Database) -> None:
    leads = [ready.lead(), ready.lead(outcome_stage="lost")]
    before = [dict(ready.account.of(LEAD)[lead].values) for lead in leads]
    values = {field.name: None for field in SCORE_FIELDS} | {"lw_band": "A"}
    ready.connector.write(LEAD, [ScoreRow(leads[0], values), ScoreRow(leads[1], {**values, "lw_band": "B"})])
    ready.connector.write(LEAD, [ScoreRow(lead, {"lw_band": "C"}) for lead in leads])
    assert {name for write in ready.account.writes for name in write.values} <= set(SCORE_NAMES.values())
    after = [ready.account.of(LEAD)[lead].values for lead in leads]
    kept = [{name: value for name, value in item.items() if not name.startswith("x_lw_")} for item in after]
    assert kept == before
    contexts = [context for _, method, context in ready.peer.calls if method in ("write", "load")]
    assert len(contexts) == 2
    assert all(context["tracking_disable"] and context["mail_notrack"] for context in contexts)


def test_a_faulty_row_costs_no_other_row(any_database: Database) -> None:
    ready = any_database
    ready.connector.create_score_fields(LEAD)
    good, broken, deleted, archived = (ready.lead() for _ in range(4))
    ready.account.edit(LEAD, archived, {"outcome_stage": "lost"})
    ready.account.delete(LEAD, deleted)
    ready.peer.methods.row_faults[int(broken)] = "a rule of the company"
    for values in ([{"lw_band": "A"}] * 5, [{"lw_win_probability": 0.1 * place} for place in range(5)]):
        rows = [ScoreRow(lead, values[place]) for place, lead in enumerate((good, broken, deleted, archived, "424242"))]
        results = ready.connector.write(LEAD, rows)
        assert [result.record_id for result in results] == [row.record_id for row in rows]
        assert [result.reason for result in results] == ["", "load: refused", "MissingError", "", "MissingError"]
    assert len(ready.account.of(LEAD)) == 4


def test_one_refused_row_has_the_name_of_the_error(ready: Database) -> None:
    lead = ready.lead()
    ready.peer.methods.row_faults[int(lead)] = "a rule of the company"
    [result] = ready.connector.write(LEAD, [ScoreRow(lead, {"lw_band": "A"})])
    assert result.reason == "ValidationError"


def test_a_wrong_choice_is_named_by_its_field(ready: Database) -> None:
    leads = [ready.lead(), ready.lead()]
    rows = [ScoreRow(lead, {"lw_band": band}) for lead, band in zip(leads, ["A", "Z"], strict=True)]
    assert [result.reason for result in ready.connector.write(LEAD, rows)] == ["", "load: x_lw_band"]


def test_times_are_utc_in_a_write_and_in_an_import(ready: Database) -> None:
    leads = [ready.lead(), ready.lead()]
    at = "2026-03-29T02:30:00+02:00"
    ready.connector.write(LEAD, [ScoreRow(lead, {"lw_scored_at": at}) for lead in leads])
    stored = [ready.account.of(LEAD)[lead].values["x_lw_scored_at"] for lead in leads]
    rows = [ScoreRow(lead, {"lw_scored_at": at, "lw_band": band}) for lead, band in zip(leads, "AB", strict=True)]
    ready.connector.write(LEAD, rows)
    stored += [ready.account.of(LEAD)[lead].values["x_lw_scored_at"] for lead in leads]
    assert set(stored) == {"2026-03-29T00:30:00+00:00"}


def test_a_field_that_is_missing_refuses_all_rows(database: Database) -> None:
    leads = [database.lead(), database.lead()]
    rows = [ScoreRow(lead, {"lw_band": band}) for lead, band in zip(leads, "AB", strict=True)]
    assert [result.reason for result in database.connector.write(LEAD, rows)] == ["ValueError", "ValueError"]
    assert not database.account.writes


def test_a_field_of_people_cannot_be_written() -> None:
    with pytest.raises(KeyError):
        written_values({"probability": 100.0})


def test_our_own_change_is_recognised(ready: Database) -> None:
    lead = ready.lead()
    ready.connector.write(LEAD, [ScoreRow(lead, {"lw_band": "A"})])
    [record] = ready.connector.read(LEAD, [lead], [])
    assert ready.connector.is_own_change(record) is True
    ready.edit(lead, city="Ghent")
    [record] = ready.connector.read(LEAD, [lead], [])
    assert ready.connector.is_own_change(record) is False

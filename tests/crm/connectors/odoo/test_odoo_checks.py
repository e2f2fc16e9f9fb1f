"""Checks of a database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.connectors.odoo.odoo_values import LEAD
from leadworth.health_findings import HealthFinding, Severity
from leadworth.http_client import HttpClient
from tests.crm.connectors.odoo.odoo_database import Database, running


def _named(found: list[HealthFinding], name: str) -> HealthFinding:
    return next(finding for finding in found if finding.name == name)


def test_a_good_database_has_no_complaint_but_the_missing_fields(database: Database) -> None:
    found = database.connector.check()
    assert [finding.name for finding in found if finding.level is not Severity.OK] == ["scores"]
    database.connector.create_score_fields(LEAD)
    assert all(finding.level is Severity.OK for finding in database.connector.check())
    assert not database.account.writes


@pytest.mark.parametrize(("days", "level"), [(90.0, Severity.OK), (13.0, Severity.WARN), (-1.0, Severity.WARN)])
def test_a_key_that_ends_soon_is_announced(database: Database, days: float, level: Severity) -> None:
    [key] = database.account.of("res.users.apikeys")
    end = database.account.clock.now() + timedelta(days=days)
    database.account.edit("res.users.apikeys", key, {"expiration_date": end.isoformat()})
    finding = _named(database.connector.check(), "key")
    assert finding.level is level
    assert ("LEADWORTH_CRM__ODOO__KEY" in finding.do) is (level is Severity.WARN)


def test_a_wrong_key_fails_with_what_to_do(any_database: Database) -> None:
    any_database.peer.keys.clear()
    _, finding = any_database.connector.check()
    assert (finding.level, finding.name) == (Severity.FAIL, "sign-in")
    assert "three months" in finding.do


def test_tracking_that_is_not_readable_is_a_finding(database: Database) -> None:
    database.peer.methods.is_administrator = False
    finding = _named(database.connector.check(), "history")
    assert (finding.level, "administrators" in finding.what) == (Severity.WARN, True)


@pytest.mark.parametrize(
    ("version", "interface", "level"),
    [
        (19, "json2", Severity.OK),
        (19, "jsonrpc", Severity.WARN),
        (18, "jsonrpc", Severity.OK),
        (22, "jsonrpc", Severity.FAIL),
        (18, "json2", Severity.FAIL),
    ],
)
def test_an_interface_that_ends_is_announced(http: HttpClient, version: int, interface: str, level: Severity) -> None:
    with running(http, version, interface=interface) as database:
        assert _named(database.connector.check(), "interface").level is level


def test_a_field_of_another_type_and_a_field_without_a_right_fail(database: Database) -> None:
    database.peer.create_fields(LEAD, ["lw_win_probability"])
    del database.peer.rows.models[LEAD]["probability"]
    found = database.connector.check()
    assert "type char, not float" in next(
        item.what for item in found if item.name == "scores" and item.level is Severity.FAIL
    )
    assert (_named(found, LEAD).level, "probability" in _named(found, LEAD).what) == (Severity.FAIL, True)


def test_what_cannot_be_read_is_named(database: Database) -> None:
    database.peer.methods.forbidden |= {"mail.blacklist", "res.users.apikeys", "calendar.event"}
    found = database.connector.check()
    assert {item.name for item in found if item.level is Severity.WARN} == {
        "scores",
        "consent",
        "key",
        "calendar.event",
    }
    database.peer.methods.forbidden.add(LEAD)
    assert _named(database.connector.check(), LEAD).level is Severity.FAIL

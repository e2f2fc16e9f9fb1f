"""Touches before wins, and paths of all leads."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert

from store.report_schema import lead_facts, touches
from store.report_scope import ReportScope
from store.timestamps import stamp
from store.touch_queries import LeadPath, every_path, paths_won_between, won_paths
from tests.store.fact_rows import NOW, fact

HOUR = timedelta(hours=1)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def touch(touch_id: str, lead_id: str, at: datetime, channel: str) -> dict[str, str]:
    row = {"touch_id": touch_id, "lead_id": lead_id, "at": stamp(at), "channel": channel, "kind": "visit"}
    return {**row, "campaign_key": "", "source": "", "medium": "", "origin": "test"}


def fill(connection: Connection) -> None:
    won = stamp(NOW + 5 * HOUR)
    rows = [
        fact("A", won_at=won, revenue_micros=9, quote_at=stamp(NOW + HOUR)),
        fact("B", won_at=won, channel="Direct"),
        fact("C"),
    ]
    connection.execute(insert(lead_facts), rows)
    made = [
        touch("2", "A", NOW, "Email"),
        touch("1", "A", NOW - HOUR, "Display"),
        touch("3", "A", NOW + 5 * HOUR, "Direct"),
        touch("4", "A", NOW + 6 * HOUR, "Referral"),  # after the win
        touch("5", "C", NOW + 6 * HOUR, "Referral"),
        touch("6", "gone", NOW, "Email"),
    ]
    connection.execute(insert(touches), made)


def test_paths_end_with_the_win(connection: Connection) -> None:
    fill(connection)
    first, second = won_paths(connection, ["2026-11-20", "2026-11-21"])
    path = ((stamp(NOW - HOUR), "Display"), (stamp(NOW), "Email"), (stamp(NOW + 5 * HOUR), "Direct"))
    won = stamp(NOW + 5 * HOUR)
    key = ("A", "2026-11-20", "Paid Search", "google_ads:1:7", "IT")
    assert first == LeadPath(*key, stamp(NOW), stamp(NOW + HOUR), won, 9, path)
    assert second == LeadPath(
        "B", "2026-11-20", "Direct", "google_ads:1:7", "IT", stamp(NOW), None, won, 0, ((stamp(NOW), "Direct"),)
    )


def test_wins_by_their_moment(connection: Connection) -> None:
    fill(connection)
    won = NOW + 5 * HOUR
    begun = paths_won_between(connection, stamp(won), stamp(won + HOUR))
    assert [path.lead_id for path in begun] == ["A", "B"]
    assert not list(paths_won_between(connection, stamp(NOW), stamp(won)))
    assert not list(won_paths(connection, ["2026-11-19"]))


def test_every_path_has_leads_that_are_not_won(connection: Connection) -> None:
    fill(connection)
    paths = {path.lead_id: path for path in every_path(connection, ReportScope(), FIRST, LAST)}
    assert sorted(paths) == ["A", "B", "C"]
    assert paths["C"].touches == ((stamp(NOW + 6 * HOUR), "Referral"),)
    assert [path.lead_id for path in every_path(connection, ReportScope(("Direct",)), FIRST, LAST)] == ["B"]
    assert not list(every_path(connection, ReportScope(), LAST, FIRST))

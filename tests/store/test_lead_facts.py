"""Facts of leads are written, replaced, read in order and deleted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, select

from store import lead_facts, person_index
from store.lead_facts import JunkFact
from store.report_schema import touches
from store.timestamps import stamp
from tests.store.fact_rows import NOW, fact

DAY = timedelta(days=1)


def test_facts_are_replaced(connection: Connection) -> None:
    first, second = fact("A"), fact("B", NOW - DAY)
    lead_facts.write(connection, [first, second])
    lead_facts.write(connection, [first | {"stage": "Won", "junk_ppm": 3}])
    lead_facts.write(connection, [])
    assert lead_facts.of_leads(connection, ["A", "B", "C"]) == {
        "A": first | {"stage": "Won", "junk_ppm": 3},
        "B": second,
    }
    assert lead_facts.count(connection) == 2
    assert set(lead_facts.NAMES) == set(first)


def test_days(connection: Connection) -> None:
    lead_facts.write(connection, [fact("A"), fact("B"), fact("C", NOW - DAY)])
    assert lead_facts.days(connection) == ["2026-11-19", "2026-11-20"]
    assert lead_facts.days_of_leads(connection, ["A", "B", "X"]) == {"2026-11-20"}
    assert lead_facts.days_of_leads(connection, []) == set()


def test_leads_with_a_score_by_a_model(connection: Connection) -> None:
    lead_facts.write(connection, [fact("A", submit_win_ppm=0), fact("B", win_ppm=5), fact("C", junk_ppm=5)])
    assert lead_facts.scored(connection) == {"A", "B"}


def test_junk_comes_in_order_of_submit(connection: Connection) -> None:
    rows = [
        fact("C", NOW, junk_ppm=1),
        fact("B", NOW, junk_ppm=2),
        fact("A", NOW - DAY, junk_ppm=0, submit_value_micros=5),
        fact("D", NOW),
        fact("E", NOW - DAY - timedelta(microseconds=1), junk_ppm=1),
        fact("F", NOW + timedelta(microseconds=1), junk_ppm=1),
    ]
    lead_facts.write(connection, rows)
    found = list(lead_facts.junk_in_order(connection, NOW - DAY, NOW))
    assert [row.lead_id for row in found] == ["A", "B", "C"]
    assert found[0] == JunkFact("A", stamp(NOW - DAY), "Paid Search", "brand", 0, 5, None, None)


def test_old_facts_go_with_their_touches(connection: Connection) -> None:
    lead_facts.write(connection, [fact("old", NOW - DAY), fact("new", NOW)])
    common = {"channel": "Email", "campaign_key": "", "source": "", "medium": "", "kind": "visit", "origin": "test"}
    rows = [
        ("1", "old", NOW + DAY),  # of a lead that goes
        ("2", "new", NOW - 9 * DAY),  # of a lead that stays
        ("3", "none", NOW - DAY),  # old, without a lead
        ("4", "none", NOW),
    ]
    made = [{"touch_id": number, "lead_id": lead, "at": stamp(at), **common} for number, lead, at in rows]
    connection.execute(insert(touches), made)
    assert lead_facts.delete_submitted_before(connection, NOW) == {"lead_facts": 1, "touches": 2}
    assert set(lead_facts.of_leads(connection, ["old", "new"])) == {"new"}
    assert set(connection.execute(select(touches.c.touch_id)).scalars()) == {"2", "4"}


def test_leads_of_a_time_that_are_there(connection: Connection) -> None:
    assert lead_facts.newest_day(connection) is None
    rows = [fact("A", NOW - DAY), fact("B"), fact("C", NOW + DAY), fact("D", gone_at=stamp(NOW))]
    lead_facts.write(connection, rows)
    assert lead_facts.present_between(connection, NOW - DAY, NOW) == {"A", "B"}
    assert lead_facts.newest_day(connection) == "2026-11-21"
    lead_facts.delete_leads(connection, ["A", "C"])
    assert lead_facts.newest_day(connection) == "2026-11-20"
    assert lead_facts.count(connection) == 2


def test_a_deal_that_another_lead_has_now(connection: Connection) -> None:
    won, gone = {"won_at": stamp(NOW), "account_key": "k"}, {"gone_at": stamp(NOW + DAY)}
    other_time = {"won_at": stamp(NOW - DAY)}
    rows = [
        fact("here", **won),
        fact("of the company", **won, **gone),
        fact("of another company", **{**won, "account_key": "m"}, **gone),
        fact("at another time", **{**won, **other_time}, **gone),
        fact("of no one", **{**won, "account_key": ""}, **gone),
        fact("of the person", **{**won, "account_key": ""}, **gone),
        fact("open", account_key="k", **gone),
    ]
    lead_facts.write(connection, rows)
    emails = {"here": "digest", "of the person": "digest", "of no one": None}
    entry = {"phone": None, "velocity_person": 1, "velocity_at": 1}
    person_index.add(
        connection, [{"entry_id": lead, "lead_id": lead, "email": emails[lead], **entry} for lead in emails]
    )
    assert lead_facts.won_elsewhere(connection) == ["of the company", "of the person"]

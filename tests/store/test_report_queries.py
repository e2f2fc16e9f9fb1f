"""Sums of the report: parts add up to the whole under any filter, on both databases."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, update

from store import report_queries
from store.funnel_rollups import rewrite_funnel
from store.report_schema import spend_days
from store.report_scope import ReportScope
from tests.reporting.make_facts import CHANNELS, COUNTRIES, NOW, MadeFacts, insert_facts, random_facts, sums_of

TODAY = NOW.date()


@pytest.fixture
def made(connection: Connection) -> MadeFacts:
    made = random_facts(7, leads=400, days=150)
    insert_facts(connection, made)
    return made


def random_scope(draw: random.Random, made: MadeFacts) -> ReportScope:
    campaigns = sorted({row["campaign_key"] for row in made.leads})
    parts = [CHANNELS, campaigns, COUNTRIES]
    return ReportScope(
        *(tuple(draw.sample(part, draw.randrange(1, len(part)))) if draw.random() < 0.5 else () for part in parts)
    )


def random_days(draw: random.Random) -> tuple[date, date]:
    first = TODAY - timedelta(days=draw.randrange(160))
    return first, min(first + timedelta(days=draw.randrange(160)), TODAY)


def check_filters(connection: Connection, made: MadeFacts, count: int) -> None:
    """Compare sums with those of the single leads, and of the parts with the whole."""
    draw = random.Random(count)
    for _ in range(count):
        scope, (first, last) = random_scope(draw, made), random_days(draw)
        by = draw.choice([("channel",), ("campaign_key",), ("country",), ("channel", "campaign_key"), ("day",)])
        whole = report_queries.lead_sums(connection, scope, first, last)[()]
        parts = report_queries.lead_sums(connection, scope, first, last, by).values()
        assert whole == {name: sum(part[name] for part in parts) for name in whole}
        chosen = [
            sums_of(row)
            for row in made.leads
            if first.isoformat() <= row["day"] <= last.isoformat()
            and row["channel"] in (scope.channels or CHANNELS)
            and row["campaign_key"] in (scope.campaigns or [row["campaign_key"]])
            and row["country"] in (scope.countries or COUNTRIES)
        ]
        assert whole == {name: sum(amounts[name] for amounts in chosen) for name in whole}
        middle = first + (last - first) // 2
        halves = [(first, middle), (middle + timedelta(days=1), last)]
        for query in (report_queries.traffic_sums, report_queries.spend_sums, report_queries.outcome_sums):
            entire = query(connection, scope, first, last)[()]
            for parts_of in (
                query(connection, scope, first, last, ("channel",)).values(),
                [query(connection, scope, *half).get((), dict.fromkeys(entire, 0)) for half in halves],
            ):
                assert entire == {name: sum(part[name] for part in parts_of) for name in entire}


def test_parts_add_up_to_the_whole(connection: Connection, made: MadeFacts) -> None:
    check_filters(connection, made, 40)


@pytest.mark.slow
def test_parts_add_up_to_the_whole_under_a_thousand_filters(connection: Connection, made: MadeFacts) -> None:
    check_filters(connection, made, 1_000)


def test_an_empty_range_has_no_sums(connection: Connection, made: MadeFacts) -> None:
    assert report_queries.lead_sums(connection, ReportScope(), TODAY, TODAY - timedelta(days=1)) == {}


def test_spend_without_a_rate_is_counted(connection: Connection, made: MadeFacts) -> None:
    chosen = spend_days.c.day == TODAY.isoformat()
    connection.execute(update(spend_days).where(chosen).values(currency="USD", converted_micros=None))
    rewrite_funnel(connection, [TODAY.isoformat()])
    sums = report_queries.spend_sums(connection, ReportScope(), TODAY, TODAY)[()]
    assert (sums["unconverted"], sums["rows"], sums["converted_micros"]) == (3, 3, 0)
    assert report_queries.spend_without_country(connection, ReportScope(countries=("IT",)), TODAY, TODAY) == 3

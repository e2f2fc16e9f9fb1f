"""Facts of leads, spend and traffic for tests, with rollups that are added up here, in Python."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from reporting.facts.channel_credits import rewrite_submit_credits, rewrite_win_credits
from reporting.facts.stage_counts import rewrite_stages
from store.funnel_rollups import rewrite_funnel
from store.report_schema import (
    data_imports,
    lead_days,
    lead_facts,
    lead_months,
    outcome_days,
    report_refreshes,
    response_bins,
    spend_days,
    traffic_days,
    traffic_weeks,
)
from store.timestamps import moment, stamp

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)
CHANNELS = ("Paid Search", "Paid Social", "Display", "Email", "Offline")
COUNTRIES = ("IT", "DE", "")
MILLION = 1_000_000
KEYS = ("channel", "campaign_key", "country")


@dataclass(frozen=True)
class MadeFacts:
    """Rows as they were inserted."""

    leads: list[dict[str, Any]]
    spend: list[dict[str, Any]]
    traffic: list[dict[str, Any]]


def lead(number: int, submitted_at: datetime, **values: Any) -> dict[str, Any]:
    """Return a row of `lead_facts`; times may be datetimes."""
    row: dict[str, Any] = {
        "lead_id": f"L{number:05}",
        "submitted_at": submitted_at,
        "day": submitted_at.astimezone(ROME).date().isoformat(),
        "entry": "form",
        "source": "google",
        "medium": "cpc",
        "channel": "Paid Search",
        "campaign_key": "google:1:11",
        "campaign_name": "brand",
        "country": "IT",
        "account_key": "",
        "matched_by": "id",
        "junk_ppm": 20_000,
        "win_ppm": None,
        "expected_revenue_micros": None,
        "submit_win_ppm": 100_000,
        "submit_value_micros": 500 * MILLION,
        "value_micros": None,
        "mql_at": None,
        "sql_at": None,
        "quote_at": None,
        "won_at": None,
        "lost_at": None,
        "gone_at": None,
        "touched_at": None,
        "stage": "new",
        "revenue_micros": None,
        "cost_micros": None,
        "model_version": "1",
        "known_at": submitted_at,
    }
    row |= values
    return {name: stamp(value) if isinstance(value, datetime) else value for name, value in row.items()}


def random_facts(seed: int, leads: int = 300, days: int = 150) -> MadeFacts:
    """Return leads, spend and sessions of a few months before `NOW`."""
    draw = random.Random(seed)
    rows = [_random_lead(draw, number, days) for number in range(leads)]
    spend, traffic = [], []
    for ago in range(days):
        day = (NOW.date() - timedelta(days=ago)).isoformat()
        for index, channel in enumerate(CHANNELS[:3]):
            spend.append(
                spend_row(day, channel, f"google:1:{index}1", draw.randrange(10 * MILLION, 90 * MILLION), draw)
            )
        for channel in CHANNELS[:4]:
            sessions = draw.randrange(50)
            traffic.append(traffic_row(day, channel, sessions, draw.randrange(sessions + 1)))
    return MadeFacts(rows, spend, traffic)


def _random_lead(draw: random.Random, number: int, days: int) -> dict[str, Any]:
    submitted = NOW - timedelta(minutes=draw.randrange(1, days * 1_440))
    channel = draw.choice(CHANNELS)
    moments = [submitted + timedelta(hours=draw.randrange(1, 600)) for _ in range(5)]
    mql, sql, quote, closed, touched = sorted(moments)
    mql = min(mql, NOW)
    is_mql, is_sql = draw.random() < 0.6, draw.random() < 0.5
    won = is_mql and is_sql and draw.random() < 0.5
    lost = not won and draw.random() < 0.2
    scored = draw.random() < 0.9
    is_open = not won and not lost
    return lead(
        number,
        submitted,
        channel=channel,
        campaign_key=f"google:1:{CHANNELS.index(channel)}{draw.randrange(3)}",
        campaign_name=draw.choice(["brand", "generic", "=cmd|' /C calc'!A0"]),
        country=draw.choice(COUNTRIES),
        junk_ppm=draw.randrange(MILLION + 1) if scored else None,
        win_ppm=draw.randrange(400_000) if scored else None,
        value_micros=draw.randrange(900 * MILLION) if scored and is_open else None,
        submit_win_ppm=draw.randrange(400_000) if scored else None,
        submit_value_micros=draw.randrange(900 * MILLION) if scored else None,
        mql_at=mql if is_mql else None,
        sql_at=sql if is_mql and is_sql else None,
        quote_at=quote if won else None,
        won_at=closed if won else None,
        lost_at=closed if lost else None,
        touched_at=touched if draw.random() < 0.5 else None,
        stage="won" if won else "lost" if lost else "new",
        revenue_micros=draw.randrange(9_000 * MILLION) if won else None,
        cost_micros=draw.randrange(3_000 * MILLION) if won else None,
        matched_by=draw.choice(["id", "click", "name", "channel", ""]),
    )


def spend_row(day: str, channel: str, campaign: str, cost_micros: int, draw: random.Random) -> dict[str, Any]:
    """Return a row of `spend_days`."""
    return {
        "platform": "google",
        "account_id": "1",
        "campaign_id": campaign.rpartition(":")[2],
        "network": "SEARCH",
        "country": "",
        "day": day,
        "campaign_name": f"campaign {campaign}",
        "campaign_key": campaign,
        "channel": channel,
        "currency": "EUR",
        "cost_micros": cost_micros,
        "converted_micros": cost_micros,
        "impressions": draw.randrange(1_000, 5_000),
        "clicks": draw.randrange(100),
        "invalid_clicks": 0,
        "eligible_impressions": None,
        "eligible_is_bound": False,
        "import_id": "i1",
    }


def traffic_row(day: str, channel: str, sessions: int, engaged: int, **values: Any) -> dict[str, Any]:
    """Return a row of `traffic_days`."""
    return {
        "property_id": "p1",
        "day": day,
        "source": channel.lower(),
        "medium": "x",
        "campaign_id": "",
        "campaign_name": "",
        "country": "IT",
        "channel": channel,
        "campaign_key": "",
        "sessions": sessions,
        "engaged_sessions": engaged,
        "users": None,
        "views": 2 * sessions,
        "session_seconds": 60 * sessions,
        "key_events": 0,
        "quality": "",
        "import_id": "i2",
        **values,
    }


WEEK_OF_CONTACTS = (NOW.date() - timedelta(days=NOW.weekday() + 14)).isoformat()


def insert_facts(connection: Connection, made: MadeFacts, *, rollups: bool = True) -> None:
    """Insert rows and their rollups."""
    _insert(connection, lead_facts, made.leads)
    _insert(connection, spend_days, made.spend)
    _insert(connection, traffic_days, made.traffic)
    if rollups:
        insert_rollups(connection, made)
    contact = {
        "week": WEEK_OF_CONTACTS,
        "channel": "Direct",
        "hours": "business",
        "bin": 3,
        "touched": 1,
        "untouched": 1,
    }
    _insert(connection, response_bins, [contact])
    _insert(connection, data_imports, _imports())
    refresh = {"refresh_id": "r1", "first_day": "2026-01-01", "facts": len(made.leads), "rows_written": 1}
    _insert(connection, report_refreshes, [refresh | {"started_at": stamp(NOW), "ended_at": stamp(NOW)}])


def insert_rollups(connection: Connection, made: MadeFacts) -> None:
    """Insert the rollups of rows."""
    days: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    months: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    outcomes: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    weeks: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in made.leads:
        keys = tuple(row[name] for name in KEYS)
        for name, amount in sums_of(row).items():
            days[(row["day"], *keys)][name] += amount
            months[(row["day"][:7], *keys)][name] += amount
        for day, name, amount in events_of(row):
            outcomes[(day, *keys)][name] += amount
    for row in made.traffic:
        day = date.fromisoformat(row["day"])
        week = (day - timedelta(days=day.weekday())).isoformat()
        for name in ("sessions", "engaged_sessions", "views", "session_seconds", "key_events"):
            weeks[(week, *(row[key] for key in KEYS))][name] += row[name]
    _insert(connection, lead_days, _rows("day", days, lead_days))
    _insert(connection, lead_months, _rows("month", months, lead_months))
    _insert(connection, outcome_days, _rows("day", outcomes, outcome_days))
    _insert(connection, traffic_weeks, _rows("week", weeks, traffic_weeks))
    of_submit = {row["day"] for row in made.leads}
    rewrite_stages(connection, of_submit, NOW)
    rewrite_submit_credits(connection, of_submit)
    rewrite_win_credits(connection, {key[0] for key in outcomes}, ROME)
    rewrite_funnel(
        connection, {key[0] for key in (*days, *outcomes)} | {row["day"] for row in made.spend + made.traffic}
    )


def sums_of(row: dict[str, Any]) -> dict[str, int]:
    """Return what a lead adds to the rollup of its day."""
    junk, won, value = row["junk_ppm"], row["won_at"] is not None, row["value_micros"]
    win = row["win_ppm"] or 0
    is_open = value is not None
    deal = None
    if not won and row["lost_at"] is None:
        deal = "quoted" if row["quote_at"] is not None else "sql" if row["sql_at"] is not None else None
    return {
        "leads": 1,
        "scored": int(junk is not None),
        "genuine_ppm": 0 if junk is None else MILLION - junk,
        "junk": int(junk is not None and junk >= 500_000),
        "mql": int(row["mql_at"] is not None),
        "sql": int(row["sql_at"] is not None),
        "quoted": int(row["quote_at"] is not None),
        "won": int(won),
        "lost": int(row["lost_at"] is not None),
        "revenue_micros": (row["revenue_micros"] or 0) if won else 0,
        "revenue_squares": round(((row["revenue_micros"] or 0) / MILLION) ** 2) if won else 0,
        "cost_micros": (row["cost_micros"] or 0) if won else 0,
        "open_scored": int(is_open),
        "open_win_ppm": win if is_open else 0,
        "open_win_squares_ppm": win * (MILLION - win) // MILLION if is_open else 0,
        "open_value_micros": value or 0,
        "submit_win_ppm": row["submit_win_ppm"] or 0,
        "submit_value_micros": row["submit_value_micros"] or 0,
        "submit_won": int(won and row["submit_win_ppm"] is not None),
        "submit_revenue_micros": (row["revenue_micros"] or 0) if won and row["submit_win_ppm"] is not None else 0,
        "deal_sqls": int(deal == "sql"),
        "deal_sql_micros": (row["expected_revenue_micros"] or 0) if deal == "sql" else 0,
        "deal_quotes": int(deal == "quoted"),
        "deal_quote_micros": (row["expected_revenue_micros"] or 0) if deal == "quoted" else 0,
    }


def events_of(row: dict[str, Any]) -> Iterable[tuple[str, str, int]]:
    """Yield day, name and amount of what happened to a lead."""
    for column, name in (("mql_at", "mql"), ("sql_at", "sql"), ("quote_at", "quoted"), ("lost_at", "lost")):
        if (at := moment(row[column])) is not None:
            yield at.astimezone(ROME).date().isoformat(), name, 1
    if (at := moment(row["won_at"])) is not None:
        day = at.astimezone(ROME).date().isoformat()
        yield day, "won", 1
        yield day, "revenue_micros", row["revenue_micros"] or 0
        yield day, "cost_micros", row["cost_micros"] or 0


def _rows(period: str, sums: dict[tuple[str, ...], dict[str, int]], table: Any) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns if column.name not in (period, *KEYS)]
    return [
        {**dict(zip((period, *KEYS), keys, strict=True)), **{name: amounts[name] for name in names}}
        for keys, amounts in sums.items()
    ]


def _imports() -> list[dict[str, Any]]:
    common = {
        "account_id": "1",
        "origin": "interface",
        "first_day": "2026-01-01",
        "zone": "Europe/Rome",
        "rows_read": 10,
        "rows_set_aside": 0,
        "total_micros": None,
        "source_total_micros": None,
        "currency": "EUR",
        "quality": "",
        "imported_at": stamp(NOW),
    }
    return [
        {**common, "import_id": "i1", "kind": "spend", "platform": "google", "last_day": "2026-11-27"},
        {**common, "import_id": "i2", "kind": "traffic", "platform": "ga4", "last_day": "2026-11-27"},
    ]


def _insert(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))

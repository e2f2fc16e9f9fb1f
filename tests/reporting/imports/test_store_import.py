"""An import replaces whole days, converts money by the month, and changes nothing when it is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from leadworth.errors import InputError
from leadworth.settings import Settings
from reporting.imports.import_rows import ImportBatch, ImportRow, MetricRow, QueryRow, SpendRow, TrafficRow
from reporting.imports.store_import import store_import
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import data_imports, metric_days, query_days, spend_days, traffic_days

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SETTINGS = Settings(currency="EUR", leads={}, currencies={"USD": 0.9}, report={"rates": {"2026-10": {"USD": 0.86}}})


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def spent(day: int = 1, cost: str = "12.34", currency: str = "USD", **changes: object) -> SpendRow:
    row = SpendRow(
        "google_ads", "123-456-7890", "77", "Brand", "SEARCH", "", date(2026, 10, day), currency, Decimal(cost)
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def batch(*rows: ImportRow, kind: str = "spend", platform: str = "google_ads", **changes: object) -> ImportBatch:
    made = ImportBatch(
        kind=kind,  # type: ignore[arg-type]
        platform=platform,
        account_id="123-456-7890",
        origin="file a.csv",
        zone="Europe/Rome",
        first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31),
        rows=rows,
        rows_read=len(rows),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_money_is_converted_by_the_month(engine: Engine) -> None:
    receipt = store_import(engine, SETTINGS, batch(spent(), spent(2, "-2.00")), now=NOW)
    assert (receipt.total, receipt.currency, receipt.account_id) == (Decimal("10.34"), "USD", "1234567890")
    with engine.connect() as connection:
        rows = connection.execute(select(spend_days).order_by(spend_days.c.day)).all()
    assert [(row.cost_micros, row.converted_micros) for row in rows] == [
        (12_340_000, 10_612_400),
        (-2_000_000, -1_720_000),
    ]
    assert {(row.channel, row.campaign_key) for row in rows} == {("Paid Search", "google_ads:1234567890:77")}


def test_without_a_rate_the_page_does_not_add(engine: Engine) -> None:
    receipt = store_import(engine, SETTINGS, batch(spent(currency="GBP")), now=NOW)
    assert "GBP has no rate into EUR" in receipt.notices[0]
    with engine.connect() as connection:
        assert connection.execute(select(spend_days.c.converted_micros)).scalar_one() is None


def test_a_repeat_changes_nothing(engine: Engine) -> None:
    first = store_import(engine, SETTINGS, batch(spent()), now=NOW)
    again = store_import(engine, SETTINGS, batch(spent()), now=NOW)
    assert again.unchanged
    assert again.import_id == first.import_id
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(data_imports)).scalar_one() == 1


def test_rows_of_one_key_are_added_up(engine: Engine) -> None:
    rows = (spent(impressions=3, clicks=None), spent(cost="1", impressions=None, clicks=None))
    assert store_import(engine, SETTINGS, batch(*rows), now=NOW).rows_stored == 1
    with engine.connect() as connection:
        row = connection.execute(select(spend_days)).one()
    assert (row.cost_micros, row.impressions, row.clicks) == (13_340_000, 3, None)


def test_one_account_has_one_source(engine: Engine) -> None:
    store_import(engine, SETTINGS, batch(spent()), now=NOW)
    pulled = batch(spent(cost="5"), origin="interface")
    with pytest.raises(InputError, match=r"stored from 'file a\.csv', and now come from 'interface'"):
        store_import(engine, SETTINGS, pulled, now=NOW)
    november = replace(pulled, first_day=date(2026, 11, 1), last_day=date(2026, 11, 2), rows=())
    store_import(engine, SETTINGS, november, now=NOW)
    assert store_import(engine, SETTINGS, pulled, now=NOW, replace_source=True).rows_deleted == 1
    assert store_import(engine, SETTINGS, pulled, now=NOW).unchanged


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (spent(account_id="9"), "rows of one account"),
        (spent(platform="meta"), "rows of one account"),
        (replace(spent(), day=date(2026, 9, 1)), "name all days"),
        (spent(currency="EUR"), "EUR and USD"),
    ],
)
def test_rows_that_do_not_belong_together_are_refused(engine: Engine, row: SpendRow, message: str) -> None:
    with pytest.raises(InputError, match=message):
        store_import(engine, SETTINGS, batch(spent(), row), now=NOW)


def test_traffic_metrics_and_queries(engine: Engine) -> None:
    account, day = "123-456-7890", date(2026, 10, 1)
    session = TrafficRow(account, day, "google", "organic", "", "", "IT", None, 5, 3, views=9)
    crossing = TrafficRow(account, day, "google", "cpc", "", "PMax", "IT", "Cross-network", 2, 1)
    store_import(engine, SETTINGS, batch(session, crossing, kind="traffic", platform="ga4"), now=NOW)
    counts = [MetricRow("email_clicks", account, day, "October", 7), MetricRow("downloads", account, day, "", 1)]
    store_import(engine, SETTINGS, batch(*counts, kind="metrics", platform="mailchimp"), now=NOW)
    queries = [
        QueryRow(account, "organic", day, "crm", "IT", 5, 50, None, ""),
        QueryRow(account, "paid", day, "crm", "IT", 5, 50, Decimal("10"), "USD"),
    ]
    store_import(engine, SETTINGS, batch(*queries, kind="queries", platform="google_ads"), now=NOW)
    with engine.connect() as connection:
        channels = connection.execute(select(traffic_days.c.channel).order_by(traffic_days.c.sessions)).scalars().all()
        assert channels == ["Cross-network", "Organic Search"]
        named = connection.execute(select(metric_days.c.name, metric_days.c.channel, metric_days.c.count)).all()
        assert set(map(tuple, named)) == {("email_clicks", "Email", 7), ("downloads", "", 1)}
        money = connection.execute(select(query_days.c.kind, query_days.c.converted_micros)).all()
        assert set(map(tuple, money)) == {("organic", None), ("paid", 8_600_000)}


ROWS = st.lists(
    st.builds(
        spent,
        day=st.integers(1, 5),
        cost=st.decimals(-10_000, 10_000_000, places=2, allow_nan=False).map(str),
        campaign_id=st.sampled_from(["", "1", "2"]),
        campaign_name=st.sampled_from(["Brand", "brand", "B_r", "b r"]),
        network=st.sampled_from(["", "SEARCH"]),
        impressions=st.none() | st.integers(0, 10**9),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Engine]:
    """One store in memory for all examples."""
    engine = open_engine("sqlite://")
    upgrade(engine)
    yield engine
    engine.dispose()


@settings(max_examples=40, phases=(Phase.explicit, Phase.generate))
@given(imports=st.lists(ROWS, min_size=1, max_size=3))
def test_sum_in_is_the_sum_stored_and_twice_is_once(memory: Engine, imports: list[list[SpendRow]]) -> None:
    for rows in imports:
        store_import(memory, SETTINGS, batch(*rows), now=NOW)
        stored = _sum_stored(memory)
        assert stored == int(sum((row.cost for row in rows), Decimal(0)) * 1_000_000)
        assert store_import(memory, SETTINGS, batch(*reversed(rows)), now=NOW).rows_deleted == 0
        assert _sum_stored(memory) == stored


def _sum_stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.coalesce(func.sum(spend_days.c.cost_micros), 0))).scalar_one())

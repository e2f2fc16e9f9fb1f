"""Imported spend counts once, and what an import removes is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from leadworth.errors import InputError
from reporting.imports.import_rows import ImportBatch, SpendRow
from reporting.imports.store_import import ImportReceipt, store_import
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import channel_days, spend_days
from tests.reporting.imports.test_store_import import NOW, SETTINGS, batch, spent


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def stored(engine: Engine, made: ImportBatch, *, replace_source: bool = False) -> ImportReceipt:
    return store_import(engine, SETTINGS, made, now=NOW, replace_source=replace_source)


def total(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.sum(spend_days.c.cost_micros))).scalar_one() // 1_000_000)


def moved(made: ImportBatch, account: str) -> ImportBatch:
    rows = tuple(replace(row, account_id=account) for row in made.rows if isinstance(row, SpendRow))
    return replace(made, account_id=account, rows=rows, origin="interface")


def test_campaigns_do_not_count_twice_under_another_account(engine: Engine) -> None:
    named = batch(*(spent(day, str(day)) for day in range(1, 5)), spent(5, "9", campaign_id="78"))
    stored(engine, named)
    pulled = moved(named, "main")
    pulled = replace(pulled, rows=(*pulled.rows[:3], spent(4, "4.50", account_id="main")))
    with pytest.raises(InputError, match=r"are stored for account '1234567890' already, with the same cost on 3 days"):
        stored(engine, pulled)
    assert total(engine) == 19
    stored(engine, pulled, replace_source=True)
    assert total(engine) == 9 + 6 + 4
    with engine.connect() as connection:
        sums = int(connection.execute(select(func.sum(channel_days.c.spend_converted_micros))).scalar_one())
    assert stored(engine, pulled).unchanged
    assert sums == (9 + 6 + 4.5) * 860_000


def test_campaigns_with_one_name_may_be_of_several_accounts(engine: Engine) -> None:
    fairs = batch(*(spent(day, "100", platform="events", campaign_id="") for day in (1, 2)), platform="events")
    stored(engine, fairs)
    stored(engine, moved(fairs, "de"))
    assert total(engine) == 400
    others = batch(*(spent(day, "7", campaign_id="91") for day in (1, 2)))
    stored(engine, others)
    stored(engine, moved(replace(others, rows=(*others.rows, *(spent(d, "1") for d in (1, 2, 3)))), "other"))
    assert total(engine) == 400 + 14 + 17


def test_what_an_import_removes_is_said(engine: Engine) -> None:
    all_campaigns = (spent(1, "10"), spent(2, "0.05"), spent(3, "20", campaign_id="78"))
    assert stored(engine, batch(*all_campaigns)).notices == ()
    assert stored(engine, batch(*all_campaigns[::2])).notices == ()  # 0.05 of 30.05
    (notice,) = stored(engine, batch(spent(1, "11"))).notices
    assert notice.startswith(
        "20.00 that was stored from 2026-10-01 to 2026-10-31 is not in the new rows and was removed"
    )
    assert "(1 campaigns, 1 days)" in notice


def test_days_in_the_future_are_named(engine: Engine) -> None:
    later = date(2027, 9, 1)
    made = batch(spent(), replace(spent(), day=later, cost=Decimal(1)), last_day=later)
    assert stored(engine, made).notices[0].startswith("the newest day, 2027-09-01, is in the future")

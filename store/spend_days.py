"""Spend of the ad platforms by account, campaign and day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from store.any_of import any_of
from store.day_rows import ReplacedDays, Row, days_between, import_ids, replace_rows
from store.funnel_rollups import rewrite_funnel
from store.report_schema import spend_days

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def replace_days(
    connection: Connection, platform: str, account_id: str, first_day: date, last_day: date, rows: Sequence[Row]
) -> ReplacedDays:
    """Replace whole days of one account, and write the sums of these days again.

    Parameters
    ----------
    rows
        All columns of `spend_days`.
    """
    result = replace_rows(connection, spend_days, _account(platform, account_id), first_day, last_day, rows)
    if not result.unchanged:
        rewrite_funnel(connection, days_between(first_day, last_day))
    return result


class CampaignCost(NamedTuple):
    """Cost of a campaign on a day, in millionths of the currency of its account."""

    account_id: str
    campaign_id: str
    day: str
    cost_micros: int


def campaign_costs(connection: Connection, platform: str, first_day: date, last_day: date) -> list[CampaignCost]:
    """Return what the campaigns of all accounts of a platform cost on days; those that cost nothing are left out."""
    columns = spend_days.c
    keys = (columns.account_id, columns.campaign_id, columns.day)
    cost = func.sum(columns.cost_micros)
    during = columns.day.between(first_day.isoformat(), last_day.isoformat())
    query = select(*keys, cost).where(columns.platform == platform, during).group_by(*keys).having(cost != 0)
    return [
        CampaignCost(account, campaign, day, int(micros))
        for account, campaign, day, micros in connection.execute(query)
    ]


def delete_campaigns(
    connection: Connection, platform: str, account_id: str, first_day: date, last_day: date, campaigns: Collection[str]
) -> None:
    """Delete days of campaigns of an account, given by their ids, and write the sums of these days again."""
    during = spend_days.c.day.between(first_day.isoformat(), last_day.isoformat())
    named = any_of(spend_days.c.campaign_id, campaigns)
    connection.execute(delete(spend_days).where(*_account(platform, account_id), during, named))
    rewrite_funnel(connection, days_between(first_day, last_day))


def days(connection: Connection) -> list[str]:
    """Return the days that have spend."""
    return list(connection.execute(select(spend_days.c.day).distinct()).scalars())


def imports_of(
    connection: Connection, platform: str, account_id: str, first_day: date, last_day: date
) -> frozenset[str]:
    """Return the ids of the imports that wrote days of an account."""
    return frozenset(import_ids(connection, spend_days, _account(platform, account_id), first_day, last_day))


def _account(platform: str, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return spend_days.c.platform == platform, spend_days.c.account_id == account_id

"""Campaigns that spend names, and campaigns of clicks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from store.any_of import any_of
from store.report_schema import click_campaigns, spend_days

if TYPE_CHECKING:
    from sqlalchemy import Connection


class SpendCampaign(NamedTuple):
    """A campaign under one of the names that it had; `last_day` is the last day with this name."""

    platform: str
    account_id: str
    campaign_id: str
    name: str
    campaign_key: str
    channel: str
    last_day: str


class ClickCampaign(NamedTuple):
    """Campaign of a click."""

    platform: str
    account_id: str
    campaign_id: str


def spend_campaigns(connection: Connection) -> list[SpendCampaign]:
    """Return all campaigns with spend, once for each name and channel, the newest name last."""
    columns = spend_days.c
    keys = (columns.platform, columns.account_id, columns.campaign_id, columns.campaign_name)
    more = (columns.campaign_key, columns.channel)
    last = func.max(columns.day)
    query = select(*keys, *more, last).group_by(*keys, *more).order_by(last, *keys, *more)
    return [SpendCampaign(*row) for row in connection.execute(query)]


def campaigns_of_clicks(connection: Connection, clicks: Sequence[str]) -> dict[str, ClickCampaign]:
    """Return the campaigns of clicks, given by their digests."""
    columns = click_campaigns.c
    names = (columns.click, columns.platform, columns.account_id, columns.campaign_id)
    query = select(*names).where(any_of(columns.click, clicks))
    return {click: ClickCampaign(*rest) for click, *rest in connection.execute(query)}


def delete_clicks_before(connection: Connection, before: datetime) -> int:
    """Delete the campaigns of clicks before a day; return how many."""
    statement = delete(click_campaigns).where(click_campaigns.c.day < str(before.date()))
    return int(connection.execute(statement).rowcount)

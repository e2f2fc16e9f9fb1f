"""Campaigns that spend names, campaigns of clicks, and how much of spend and leads meet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from store.chunks import chunks
from store.report_schema import click_campaigns, lead_facts, spend_days

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
    return {
        click: ClickCampaign(*rest)
        for part in chunks(list(clicks))
        for click, *rest in connection.execute(select(*names).where(columns.click.in_(part)))
    }


def delete_clicks_before(connection: Connection, before: datetime) -> int:
    """Delete the campaigns of clicks before a day; return how many."""
    statement = delete(click_campaigns).where(click_campaigns.c.day < str(before.date()))
    return int(connection.execute(statement).rowcount)


class MatchRates(NamedTuple):
    """How much of spend and leads meet; of each the sum that does, and the whole.

    Attributes
    ----------
    matched_micros, spend_micros
        Spend of campaigns with a lead, and all spend, in the currency of the settings. Credits count as they are.
    matched_leads, leads
        Leads of a campaign with spend, and all leads of the channels that have spend.
    """

    matched_micros: int
    spend_micros: int
    matched_leads: int
    leads: int

    @property
    def by_spend(self) -> float | None:
        """Share of the spend whose campaign has a lead; None without spend."""
        return self.matched_micros / self.spend_micros if self.spend_micros > 0 else None

    @property
    def by_leads(self) -> float | None:
        """Share of the leads of these channels whose campaign is known; None without such leads."""
        return self.matched_leads / self.leads if self.leads else None


def match_rates(connection: Connection, first_day: str, last_day: str) -> MatchRates:
    """Return the match rates between two days, of submit and of spend."""
    spend, facts = spend_days.c, lead_facts.c
    with_leads = select(facts.campaign_key).where(facts.day.between(first_day, last_day)).distinct()
    in_days = spend.day.between(first_day, last_day)
    total = func.coalesce(func.sum(spend.converted_micros), 0)
    whole = int(connection.execute(select(total).where(in_days)).scalar_one())
    matched = int(connection.execute(select(total).where(in_days, spend.campaign_key.in_(with_leads))).scalar_one())
    with_spend = select(spend.channel).where(in_days, spend.cost_micros > 0).distinct()
    inside = [facts.day.between(first_day, last_day), facts.channel.in_(with_spend)]
    leads = select(func.count(), func.count().filter(facts.matched_by != "")).select_from(lead_facts).where(*inside)
    number, known = connection.execute(leads).one()
    return MatchRates(matched, whole, int(known), int(number))

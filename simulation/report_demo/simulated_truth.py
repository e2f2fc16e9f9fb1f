"""Truth about the leads of a page: what only the simulator knows, beside the facts that the page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from store import lead_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitoring.junk_alarms import JunkAlarm
    from reporting.page.page_model import ReportPage

_COLUMNS = (
    *("lead_id", "submitted_at", "channel", "junk", "automated", "value", "wins", "won_at", "revenue"),
    "open_value",
)
_FACTS = (
    "channel",
    "campaign_name",
    "entry",
    "mql_at",
    "touched_at",
    "revenue_micros",
    "submit_value_micros",
    "value_micros",
)
_MICROS = 1_000_000


@dataclass(frozen=True)
class ReplayTruth:
    """Truth of a page.

    Attributes
    ----------
    leads
        Leads of the period that the page knows, with what the simulator knows (`junk`, `wins`, `won_at`, `revenue`,
        `open_value` of those open at the export, `simulated_channel`) and the facts of the page (`channel`, `mql_at`,
        ...).
    everyone
        The same of all leads until the day of the page.
    alarms
        Junk alarms as the monitoring has them, with their times.
    now
        Moment of the page.
    """

    leads: pd.DataFrame
    everyone: pd.DataFrame
    alarms: Sequence[JunkAlarm]
    now: datetime

    def of_channel(self, name: str) -> pd.DataFrame:
        """Return the leads of a channel of the page."""
        return self.leads[self.leads["channel"] == name]

    @property
    def visible_wins(self) -> float:
        """Share of the wins of the period that had happened on the day of the page."""
        wins = self.leads[self.leads["wins"]]
        return float((wins["won_at"] <= pd.Timestamp(self.now)).mean()) if len(wins) else 0.0


def read_truth(folder: Path, connection: Connection, page: ReportPage, now: datetime) -> ReplayTruth:
    """Return the truth about the leads of a page.

    Parameters
    ----------
    folder
        Of the simulated exports.
    connection
        Connection to the store.
    page
        Page as of `now`.
    now
        Timezone-aware.
    """
    from leadworth.settings import FILE_NAME, load_settings
    from serving.report.fact_alarms import fact_alarms

    truth = pd.read_csv(folder / "truth.csv", usecols=list(_COLUMNS)).rename(columns={"channel": "simulated_channel"})
    for name in ("submitted_at", "won_at"):
        truth[name] = pd.to_datetime(truth[name], utc=True)
    truth = truth[truth["submitted_at"] <= pd.Timestamp(now)]
    facts = lead_facts.of_leads(connection, truth["lead_id"].tolist())
    rows = [{"lead_id": lead, **{name: fact[name] for name in _FACTS}} for lead, fact in facts.items()]
    everyone = truth.merge(pd.DataFrame(rows, columns=["lead_id", *_FACTS]), on="lead_id")
    for name in ("submit_value", "value"):
        everyone[f"said_{name}"] = everyone[f"{name}_micros"].astype(float) / _MICROS
    days = everyone["submitted_at"].dt.date
    inside = (days >= page.first_day) & (days <= page.last_day)
    touch_cost = load_settings(folder / FILE_NAME).mql.touch_cost
    return ReplayTruth(everyone[inside], everyone, fact_alarms(connection, touch_cost, now), now)

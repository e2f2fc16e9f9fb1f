"""Inputs of metrics: sums of the store in units, and the settings; a metric without all of its inputs is withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reporting.metrics.metric import Metric
from reporting.metrics.registry import METRICS

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from store.report_queries import Sums

MILLION = 1_000_000
DAYS_OF_MONTH = 365.25 / 12
LEAD_INPUTS: Mapping[str, tuple[str, int]] = {
    "leads": ("leads", 1),
    "scored": ("scored", 1),
    "genuine": ("genuine_ppm", MILLION),
    "junk": ("junk", 1),
    "mql": ("mql", 1),
    "sql": ("sql", 1),
    "quoted": ("quoted", 1),
    "won": ("won", 1),
    "lost": ("lost", 1),
    "revenue": ("revenue_micros", MILLION),
    "cost": ("cost_micros", MILLION),
    "open_scored": ("open_scored", 1),
    "predicted_wins": ("open_win_ppm", MILLION),
    "predicted_value": ("open_value_micros", MILLION),
}
"""Input -> sum over leads, and what it is divided by."""
EVENT_INPUTS: Mapping[str, tuple[str, int]] = {
    "closed_won": ("won", 1),
    "closed_lost": ("lost", 1),
}
"""Input -> sum over the outcomes of the period, whenever the leads were submitted."""
SPEND_INPUTS: Mapping[str, tuple[str, int]] = {
    "spend": ("converted_micros", MILLION),
    "impressions": ("impressions", 1),
    "clicks": ("clicks", 1),
    "search_impressions": ("searched_impressions", 1),
}
MATURE_INPUTS: Mapping[str, str] = {"mature_mql": "mql", "mature_sql": "sql"}
"""Input -> sum over leads that are old enough."""
TRAFFIC_INPUTS = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")
OUTCOME_INPUTS = frozenset({"won", "lost", "revenue", "cost", "closed_won", "closed_lost", "email_wins"})
"""Inputs that only a source of outcomes has."""
CALENDAR_SUMS = ("mql", "sql", "quoted", "won", "lost", "revenue_micros", "cost_micros")
"""Sums that the calendar view counts by the day of the event."""


@dataclass(frozen=True)
class ScopeSums:
    """Sums of one channel, campaign or the whole page.

    Attributes
    ----------
    leads
        Of `store.report_queries.lead_sums`; with outcomes by the day of the event in the calendar view.
    spend
        None where there is no row, or where a country is chosen that no source says. With `unconverted` rows its
        impressions and clicks are known, and its cost is not.
    traffic
        None without sessions.
    further
        Inputs that are not such sums: settings, imported counts, durations of stages.
    unknown
        Inputs that nobody has recorded, so that their sum of 0 says nothing.
    """

    leads: Sums = field(default_factory=dict)
    spend: Sums | None = None
    traffic: Sums | None = None
    events: Sums | None = None
    further: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    @property
    def cost_micros(self) -> int | None:
        """Spend in millionths; None where it is unknown, or where some of it is in a currency without a rate."""
        if self.spend is None or self.spend.get("unconverted", 0):
            return None
        return self.spend["converted_micros"]

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """Inputs that are known, in units."""
        known: dict[str, Any] = {name: self.leads.get(part, 0) / scale for name, (part, scale) in LEAD_INPUTS.items()}
        if self.events is not None:
            known |= {name: self.events.get(part, 0) / scale for name, (part, scale) in EVENT_INPUTS.items()}
        if self.spend is not None:
            known |= {name: self.spend[part] / scale for name, (part, scale) in SPEND_INPUTS.items()}
            if self.cost_micros is None:
                del known["spend"]
        if self.traffic is not None:
            known |= {name: float(self.traffic[name]) for name in TRAFFIC_INPUTS}
        known |= self.further
        return {name: value for name, value in known.items() if name not in self.unknown}

    def value(self, name: str) -> float | None:
        """Return a metric by name."""
        return compute(METRICS[name], self.inputs)


def compute(metric: Metric, inputs: Mapping[str, Any]) -> float | None:
    """Return a metric; None where an input is not known or the metric is not defined.

    Examples
    --------
    >>> compute(METRICS["raw_cpl"], {"spend": 9_000.0, "leads": 300}), compute(METRICS["raw_cpl"], {"leads": 300})
    (30.0, None)
    """
    if any(name not in inputs for name in metric.inputs):
        return None
    return metric.compute(**{name: inputs[name] for name in metric.inputs})


def usable_spend(sums: Sums | None) -> Sums | None:
    """Return the sums of spend, or None where there is no row."""
    return sums if sums is not None and sums["rows"] else None


def usable_traffic(sums: Sums | None) -> Sums | None:
    """Return the sums of sessions, or None without any."""
    return sums if sums is not None and (sums["sessions"] or sums["views"]) else None


def setting_inputs(settings: Settings, days: int) -> dict[str, float]:
    """Return the inputs that the settings name, for a period of some days."""
    report = settings.report
    further = report.incremental_cost
    named = {
        "overhead": report.overhead * days / DAYS_OF_MONTH,
        "incremental_cost": None if further is None else further * days / DAYS_OF_MONTH,
        "serving_cost": report.serving_cost,
        "monthly_revenue": report.monthly_revenue,
        "monthly_churn": report.monthly_churn,
        "discount": report.discount,
    }
    return {name: value for name, value in named.items() if value is not None}


def with_events(leads: Sums, events: Sums | None) -> Sums:
    """Return the sums over leads, with outcomes by the day of the event."""
    return {**leads, **{name: (events or {}).get(name, 0) for name in CALENDAR_SUMS}}

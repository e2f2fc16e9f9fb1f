"""Facts of a lead from their parts: the newest decision, the record of the CRM, its outcome and its score now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from features.lead_origin import LeadOrigin
from reporting.facts.campaign_matching import CampaignMatch
from store.timestamps import stamp

if TYPE_CHECKING:
    from store.decided_leads import DecidedLead
    from store.lead_facts import Fact

MILLION = 1_000_000
RULES = "rules"
"""`model_version` of leads that only the rules of junk have scored."""
_SCORES = ("junk_ppm", "win_ppm", "expected_revenue_micros", "submit_win_ppm", "submit_value_micros", "value_micros")
_TIMES = ("mql_at", "sql_at", "quote_at", "won_at", "lost_at", "gone_at", "touched_at")


@dataclass(frozen=True)
class LeadOutcome:
    """What the CRM says about a lead now.

    Attributes
    ----------
    won_at, lost_at
        Times; a closed lead has one.
    revenue
        Of a won lead, in the currency of the settings.
    stage
        Its present stage.
    """

    sql_at: datetime | None = None
    quote_at: datetime | None = None
    won_at: datetime | None = None
    lost_at: datetime | None = None
    touched_at: datetime | None = None
    revenue: float | None = None
    stage: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True)
class LeadScore:
    """Score of a lead, at submit or now.

    Attributes
    ----------
    win_probability, expected_revenue
        None where only the rules of junk could be used, because there is no model.
    value
        Predicted value; now, as a share of its decision unit.
    model_version
        `RULES` without a model.
    is_forecast
        Whether the model is older than the lead. What a model says of leads that it was trained on was never said
        to anybody, and agrees with their outcomes more than a forecast does: it is not kept as said at submit.
    """

    win_probability: float | None
    expected_revenue: float | None
    value: float | None
    junk_probability: float
    mql: bool
    model_version: str
    is_forecast: bool = True


@dataclass(frozen=True)
class LeadParts:
    """Everything about a lead that is new; None where nothing is.

    Attributes
    ----------
    gone_at
        Since when its source no longer has the lead; an outcome without it says that the source has it.
    """

    lead_id: str
    submitted_at: datetime | None = None
    origin: LeadOrigin | None = None
    match: CampaignMatch | None = None
    account_key: str = ""
    entry: str = ""
    decided: DecidedLead | None = None
    outcome: LeadOutcome | None = None
    at_submit: LeadScore | None = None
    now: LeadScore | None = None
    gone_at: str | None = None


@dataclass(frozen=True)
class FactBuilder:
    """Builds facts.

    Attributes
    ----------
    zone
        Zone of the report's days.
    margin
        Share of revenue that is profit; the rest is the cost of the goods.
    at
        Timezone-aware time of the refresh.
    horizon_days
        Age from which an open lead has no value left.
    """

    zone: tzinfo
    margin: float
    at: datetime
    horizon_days: float
    _days: dict[str, str] = field(default_factory=dict)

    def build(self, old: Fact | None, parts: LeadParts) -> Fact:
        """Return the facts of a lead: the old ones with what is new.

        What happened once stays: the score at submit, and the time at which the lead became an MQL.
        """
        fact = dict(old) if old is not None else self._empty(parts.lead_id)
        if parts.submitted_at is not None:
            fact["submitted_at"] = stamp(parts.submitted_at)
            fact["day"] = str(parts.submitted_at.astimezone(self.zone).date())
        if parts.origin is not None and parts.match is not None:
            fact |= _origin_columns(parts.origin, parts.match)
        if parts.entry:
            fact["entry"] = parts.entry
        if parts.account_key:
            fact["account_key"] = parts.account_key
        if parts.decided is not None:
            self._add_decision(fact, parts.decided, None if old is None else old["known_at"])
        if parts.at_submit is not None:
            self._add_submit_score(fact, parts.at_submit)
        if parts.now is not None:
            self._add_score(fact, parts.now)
        if parts.outcome is not None:
            self._add_outcome(fact, parts.outcome)
        if parts.outcome is not None or parts.gone_at is not None:
            fact["gone_at"] = parts.gone_at
        ended = any(fact[name] is not None for name in ("won_at", "lost_at", "gone_at"))
        if ended or self._is_past(fact["submitted_at"]):
            fact["value_micros"] = None
        if old is None or any(fact[name] != old[name] for name in fact if name != "known_at"):
            fact["known_at"] = stamp(self.at)
        return fact

    def _is_past(self, submitted_at: str) -> bool:
        """Return whether a lead is older than the horizon: it is no longer expected to be won."""
        if not submitted_at:
            return False
        return self.at - datetime.fromisoformat(submitted_at) >= timedelta(days=self.horizon_days)

    def _empty(self, lead_id: str) -> Fact:
        texts = dict.fromkeys(
            ("day", "entry", "source", "medium", "channel", "campaign_key", "campaign_name", "country", "stage"), ""
        )
        nothing = dict.fromkeys((*_SCORES, *_TIMES, "revenue_micros", "cost_micros"), None)
        rest = {"lead_id": lead_id, "submitted_at": "", "account_key": "", "matched_by": "", "model_version": ""}
        return {**texts, **nothing, **rest, "known_at": stamp(self.at)}

    def _add_decision(self, fact: Fact, decided: DecidedLead, known_at: str | None) -> None:
        first, newest = decided.at_submit, decided.newest
        fact["submit_win_ppm"] = ppm(first["win_probability"])
        fact["submit_value_micros"] = micros(first["predicted_value"])
        fact["mql_at"] = _first(fact["mql_at"], decided.mql_at)
        if known_at is not None and newest["scored_at"] <= known_at:
            return  # later scores of open leads, given their age, stay
        fact["junk_ppm"] = ppm(newest["junk_probability"])
        fact["win_ppm"] = ppm(newest["win_probability"])
        fact["expected_revenue_micros"] = micros(newest["expected_revenue"])
        fact["value_micros"] = micros(newest["predicted_value"])
        fact["model_version"] = newest["model_version"]

    def _add_submit_score(self, fact: Fact, score: LeadScore) -> None:
        if fact["submit_win_ppm"] is None and score.is_forecast:
            fact["submit_win_ppm"] = None if score.win_probability is None else ppm(score.win_probability)
            fact["submit_value_micros"] = micros(score.value)
        if fact["junk_ppm"] is None or fact["model_version"] == RULES:
            self._set_score(fact, score)
        if score.mql:
            fact["mql_at"] = _first(fact["mql_at"], fact["submitted_at"])

    def _set_score(self, fact: Fact, score: LeadScore) -> None:
        fact["junk_ppm"] = ppm(score.junk_probability)
        fact["win_ppm"] = None if score.win_probability is None else ppm(score.win_probability)
        fact["expected_revenue_micros"] = micros(score.expected_revenue)
        fact["value_micros"] = micros(score.value)
        fact["model_version"] = score.model_version

    def _add_score(self, fact: Fact, score: LeadScore) -> None:
        self._set_score(fact, score)
        if score.mql and fact["mql_at"] is None:
            fact["mql_at"] = stamp(self.at)

    def _add_outcome(self, fact: Fact, outcome: LeadOutcome) -> None:
        submitted_at = fact["submitted_at"]
        for name in ("sql_at", "quote_at", "won_at", "lost_at"):
            at = getattr(outcome, name)
            fact[name] = None if at is None else max(stamp(at), submitted_at)
        if outcome.touched_at is not None:
            fact["touched_at"] = stamp(outcome.touched_at)
        won = outcome.won_at is not None and outcome.revenue is not None
        fact["revenue_micros"] = micros(outcome.revenue) if won else None
        fact["cost_micros"] = micros((outcome.revenue or 0.0) * (1.0 - self.margin)) if won else None
        fact["stage"] = outcome.stage


def with_merged(survivor: Fact, merged: Fact) -> Fact:
    """Return the facts of a lead that another one was merged into: what happened once to either of them stays."""
    mql_at = _first(survivor["mql_at"], merged["mql_at"])
    fact = survivor | {"mql_at": mql_at and max(mql_at, survivor["submitted_at"])}
    if survivor["submit_win_ppm"] is None:
        fact |= {name: merged[name] for name in ("submit_win_ppm", "submit_value_micros")}
    return fact


def _origin_columns(origin: LeadOrigin, match: CampaignMatch) -> Mapping[str, Any]:
    return {
        "source": origin.source or "",
        "medium": origin.medium or "",
        "channel": match.channel or origin.channel,
        "campaign_key": match.key,
        "campaign_name": match.name or origin.campaign or "",
        "matched_by": match.matched_by,
        "country": origin.country or "",
    }


def ppm(probability: float) -> int:
    """Return a probability in millionths.

    Examples
    --------
    >>> ppm(0.1234567), ppm(1.0)
    (123457, 1000000)
    """
    return min(max(round(probability * MILLION), 0), MILLION)


def micros(amount: float | None) -> int | None:
    """Return money in millionths of its unit.

    Examples
    --------
    >>> micros(12.5), micros(None)
    (12500000, None)
    """
    return None if amount is None else round(amount * MILLION)


def _first(at: str | None, other: str | None) -> str | None:
    return min(at, other) if at and other else at or other

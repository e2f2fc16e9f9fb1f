"""Parts of facts from leads and outcomes of the CRM: files, databases, or the mirror."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.collected_touches import LW_DATA, with_touches
from features.lead_origin import LeadOrigin, origin_of
from reporting.facts.campaign_matching import CampaignMatcher, LeadCampaign
from reporting.facts.fact_builder import LeadOutcome, LeadParts
from reporting.facts.funnel_stages import funnel_times
from store.campaign_matches import ClickCampaign

if TYPE_CHECKING:
    from crm.lead_history import LeadHistory
    from leadworth.channel_groups import ChannelGroups
    from leadworth.encryption import IdentifierCipher

CRM = "crm"
_AT_ONCE = 500
_OUTCOMES = ("won", "won_at", "lost", "lost_at", "junk", "junk_at", "revenue", "engaged_at", "known_at", "stages")
_FIELDS = (
    *("source", "medium", "campaign", "landing_page", "entry", "country", "ip_country", "email", "phone"),
    "website",
)


@dataclass(frozen=True)
class CrmLead:
    """A lead as the CRM has it.

    Attributes
    ----------
    fields
        Fields of the lead that say where it came from, and e-mail address and phone.
    origin
        Where it came from.
    outcome
        Its outcome.
    account
        Id of its account; None without one.
    """

    lead_id: str
    submitted_at: datetime
    fields: Mapping[str, Any]
    origin: LeadOrigin
    outcome: LeadOutcome
    account: str | None


@dataclass(frozen=True)
class CrmReader:
    """Reads leads of a history.

    Attributes
    ----------
    history
        Leads and outcomes.
    contacts
        Lead -> times of contacts by sales, sorted; leads without any are contacted from a stage that says so.
    qualified
        Stages, in lower case, that the settings call qualified.
    groups
        Assigns channels.
    at
        Time of the refresh, which counts as the time of an outcome without one.
    """

    history: LeadHistory
    contacts: Mapping[str, Sequence[datetime]]
    qualified: frozenset[str]
    groups: ChannelGroups
    at: datetime

    def leads(self) -> Iterator[list[CrmLead]]:
        """Yield leads that have a time of submit, in lists."""
        history = self.history
        table = with_touches(history.leads)
        dated = table["submitted_at"].notna().to_numpy()
        accounts = history.accounts
        names = [name for name in dict.fromkeys((*_FIELDS, *self.groups.click_platforms, LW_DATA)) if name in table]
        outcomes = history.outcomes.set_index("lead_id").reindex(table["lead_id"])
        columns = {name: outcomes[name].tolist() for name in _OUTCOMES if name in outcomes}
        ids, times = table["lead_id"].tolist(), table["submitted_at"].tolist()
        fields = {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in names}
        extras = {
            name: table[f"extras.{name}"].tolist()
            for name in ("utm_id", "gad_campaignid", "hsa_cam")
            if f"extras.{name}" in table
        }
        owners = accounts.astype(object).where(accounts.notna(), None).tolist() if accounts is not None else None
        part: list[CrmLead] = []
        for row in dated.nonzero()[0].tolist():
            submitted_at = times[row].to_pydatetime()
            own = {name: values[row] for name, values in fields.items()}
            more = {name: None if pd.isna(values[row]) else values[row] for name, values in extras.items()}
            outcome = self._outcome(ids[row], submitted_at, {name: values[row] for name, values in columns.items()})
            origin = origin_of(own, self.groups, more)
            part.append(CrmLead(ids[row], submitted_at, own, origin, outcome, owners[row] if owners else None))
            if len(part) == _AT_ONCE:
                yield part
                part = []
        if part:
            yield part

    def _outcome(self, lead_id: str, submitted_at: datetime, row: Mapping[str, Any]) -> LeadOutcome:
        won, lost, junk = (row.get(name) is True or row.get(name) == 1 for name in ("won", "lost", "junk"))
        stages = row.get("stages") if isinstance(row.get("stages"), tuple) else ()
        won_at = (_moment(row.get("won_at")) or self.at) if won else None
        times = funnel_times(stages or (), _moment(row.get("engaged_at")), won_at, self.qualified)
        contacts = (at for at in self.contacts.get(lead_id, ()) if at >= submitted_at)
        revenue = row.get("revenue")
        return LeadOutcome(
            sql_at=times.sql_at,
            quote_at=times.quote_at,
            won_at=won_at,
            lost_at=self._closed_at(row, lost=lost) if (lost or junk) and not won else None,
            touched_at=next(contacts, None) or times.touched_at,
            revenue=None if revenue is None or pd.isna(revenue) else float(revenue),
            stage=str(stages[-1][0]) if stages else "",
            known_at=_moment(row.get("known_at")),
        )

    def _closed_at(self, row: Mapping[str, Any], *, lost: bool) -> datetime:
        """Return when a lead was closed as lost, or sorted out as junk."""
        return _moment(row.get("lost_at" if lost else "junk_at")) or self.at


def crm_parts(
    leads: Sequence[CrmLead],
    decided: Collection[str],
    clicks: Mapping[str, ClickCampaign],
    matcher: CampaignMatcher,
    cipher: IdentifierCipher,
) -> list[LeadParts]:
    """Return the parts of leads of the CRM; where the service scored a lead, its form says better where it came from.

    Parameters
    ----------
    leads
        Leads of the CRM.
    decided
        Those that the service scored.
    clicks
        Digest of a click id -> campaign of the click.
    matcher
        Finds campaigns.
    cipher
        Makes the digests.
    """
    parts = []
    for lead in leads:
        origin = lead.origin
        account = f"crm:{lead.account}" if lead.account else origin.domain
        key = cipher.account_key(account) if account else ""
        if lead.lead_id in decided:
            parts.append(LeadParts(lead.lead_id, account_key=key if lead.account else "", outcome=lead.outcome))
            continue
        click = cipher.click_digest(origin.click_id) if origin.click_id else None
        campaign = LeadCampaign(
            origin.channel, origin.source, origin.campaign, origin.campaign_id, origin.click_platform, click
        )
        parts.append(
            LeadParts(
                lead.lead_id,
                submitted_at=lead.submitted_at,
                origin=origin,
                match=matcher.match(campaign, clicks),
                account_key=key,
                entry=origin.entry or CRM,
                outcome=lead.outcome,
            )
        )
    return parts


def click_digests(leads: Sequence[CrmLead], cipher: IdentifierCipher) -> list[str]:
    """Return the digests of the click ids of leads."""
    return [cipher.click_digest(lead.origin.click_id) for lead in leads if lead.origin.click_id]


def _moment(value: Any) -> datetime | None:
    if value is None or pd.isna(value):
        return None
    at: datetime = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return at

"""Refresh of the facts, touches and rollups of the report.

Facts come from the decision log, from leads and outcomes of the CRM, and from scores that a job of `serving` hands
over. Rollups are written again for the days that changed and, where a whole refresh runs, for the last days of the
horizon, whose open leads are worth less each day. Each part is a short transaction, so that a service on the same
store goes on; a refresh that is killed is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from leadworth.channel_groups import ChannelGroups, channel_groups
from leadworth.encryption import IdentifierCipher
from reporting.facts.campaign_aliases import read_aliases
from reporting.facts.campaign_matching import CampaignMatcher
from reporting.facts.channel_credits import rewrite_submit_credits, rewrite_win_credits
from reporting.facts.crm_parts import CrmLead, CrmReader, click_digests, crm_parts
from reporting.facts.currency_change import change_currency
from reporting.facts.decided_parts import decided_parts, in_currency
from reporting.facts.fact_builder import FactBuilder, LeadParts, LeadScore
from reporting.facts.fact_writer import FactWriter, in_lists
from reporting.facts.lead_touches import CRM, LOG, touch_of_form, visits_of
from reporting.facts.removed_leads import RemovedLeads, take_out
from reporting.facts.report_days import report_zone
from reporting.facts.rollup_correction import business_clock, rewrite_week
from reporting.facts.stage_counts import rewrite_stages
from store import (
    campaign_matches,
    decided_leads,
    erasures,
    lead_facts,
    report_refreshes,
    spend_days,
    touches,
    traffic_weeks,
)
from store.funnel_rollups import rewrite_funnel
from store.lead_rollups import rewrite_days, rewrite_outcomes
from store.long_transaction import long_transaction
from store.report_refreshes import ReportRefresh
from store.timestamps import stamp
from store.traffic_weeks import monday

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings

RESTATED = timedelta(days=35)
"""Age up to which leads meet their campaigns again: platforms restate 30 days, and spend comes after the leads."""
OVERLAP = timedelta(days=1)
_DAYS_AT_ONCE = 45
_AT_ONCE = 2_000
Scores = Mapping[str, LeadScore]
People = Callable[["Connection", Sequence[CrmLead]], int]


@dataclass(frozen=True)
class RefreshCounts:
    """What a refresh did.

    Attributes
    ----------
    leads
        Leads that were looked at, once for each source.
    facts
        Leads whose facts changed.
    touches
        Touches that were added.
    people
        Leads that were added to the index of persons.
    days
        Days of submit that were written again.
    rows
        Rows of rollups that were written.
    seconds
        Seconds that it took.
    """

    leads: int = 0
    facts: int = 0
    touches: int = 0
    people: int = 0
    days: int = 0
    rows: int = 0
    seconds: float = 0.0

    def line(self) -> str:
        """Return a summary in one line."""
        return (
            f"{self.leads:,} leads read, {self.facts:,} facts changed, {self.touches:,} touches added, "
            f"{self.days:,} days and {self.rows:,} rows of sums written, {self.seconds:.1f} s"
        )


@dataclass(frozen=True)
class FactSources:
    """What a job has read and scored, besides the decision log.

    Attributes
    ----------
    crm
        Reads leads and outcomes of the CRM; None: no CRM.
    people
        Adds leads to the index of persons, so that erasure finds them; returns how many were new.
    at_submit
        Scores as at submit of leads that no decision has.
    now
        Scores now of open leads, given their age.
    removed
        Leads that the CRM no longer has.
    files_at
        When the oldest of the files of leads and outcomes was written; None without files.
    """

    crm: CrmReader | None = None
    people: People | None = None
    at_submit: Scores = field(default_factory=dict)
    now: Scores = field(default_factory=dict)
    removed: RemovedLeads = field(default_factory=RemovedLeads)
    files_at: datetime | None = None


NO_SOURCES = FactSources()


def refresh(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    since_day: date | None = None,
    full: bool = False,
    sources: FactSources = NO_SOURCES,
    dry_run: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> RefreshCounts:
    """Bring facts, touches and rollups up to date.

    Parameters
    ----------
    engine
        Migrated store.
    settings
        Settings of the business.
    now
        Timezone-aware present time.
    since_day
        Take decisions and write sums from this day on only; None: those of the last 35 days, and sums of the horizon.
    full
        Take all decisions, and write all sums again.
    sources
        Leads of the CRM, and scores; left out: decisions only.
    dry_run
        Compute and count, and write nothing.
    advance
        Called with the number of leads after each part.

    Raises
    ------
    ConfigurationError
        If stored money is in another currency than that of the settings, and `[currencies]` has no rate for it.
    """
    started_at = datetime.now(UTC)
    change_currency(engine, settings, dry_run=dry_run)
    run = _Refresh(engine, settings, now, dry_run=dry_run, advance=advance)
    run.add_decisions(run.decisions_since(since_day, full=full), sources.removed)
    if sources.crm is not None:
        run.add_crm(sources.crm, sources.people)
    run.add_scores(sources)
    if sources.crm is not None:
        take_out(engine, run.writer, sources.removed, sources.crm.history)
    run.end_values()
    first_day = run.first_day(since_day, full=full)
    rows = 0 if dry_run else run.write_rollups(first_day, full=full)
    counts = RefreshCounts(
        leads=run.writer.read,
        facts=len(run.writer.changed),
        touches=run.touches,
        people=run.people,
        days=len(run.writer.days),
        rows=rows,
        seconds=(datetime.now(UTC) - started_at).total_seconds(),
    )
    if not dry_run:
        with engine.begin() as connection:
            ended = ReportRefresh(
                first_day,
                now,
                now + timedelta(seconds=counts.seconds),
                counts.facts,
                rows,
                settings.currency,
                sources.files_at or run.files_at,
            )
            report_refreshes.add(connection, ended)
    return counts


class _Refresh:
    """One refresh."""

    def __init__(
        self, engine: Engine, settings: Settings, now: datetime, *, dry_run: bool, advance: Callable[[int], None]
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now
        self._dry = dry_run
        self._advance = advance
        self._zone = report_zone(settings)
        self._groups: ChannelGroups = channel_groups(settings)
        self._cipher = IdentifierCipher.from_settings(settings)
        builder = FactBuilder(self._zone, settings.mql.margin, now, settings.horizon_days)
        self.writer = FactWriter(engine, builder, self._zone, dry_run)
        self.touches = 0
        self.people = 0
        with engine.connect() as connection:
            campaigns = campaign_matches.spend_campaigns(connection)
            self._last = report_refreshes.newest(connection)
        self._matcher = CampaignMatcher(campaigns, read_aliases(settings), self._groups)

    @property
    def files_at(self) -> datetime | None:
        """When the files that the facts were made of before were written; they may be away now."""
        return None if self._last is None else self._last.files_at

    @property
    def _oldest(self) -> str:
        """First day that facts are kept for; the sums of earlier days stay as they are."""
        kept = timedelta(days=self._settings.retention.facts_days)
        return str((self._now - kept).astimezone(self._zone).date() + timedelta(days=1))

    def decisions_since(self, since_day: date | None, *, full: bool) -> datetime | None:
        """Return the time from which decisions are read; None: all."""
        if full or self._last is None:
            return None
        if since_day is not None:
            return datetime.combine(since_day, datetime.min.time(), self._zone)
        return min(self._last.started_at - OVERLAP, self._now - RESTATED)

    def first_day(self, since_day: date | None, *, full: bool) -> str:
        """Return the first day whose sums are written again even if no fact changed."""
        if full or self._last is None:
            return self._oldest
        today = self._now.astimezone(self._zone).date()
        first = since_day or today - timedelta(days=self._settings.horizon_days)
        return max(str(first), self._oldest)

    def add_decisions(self, since: datetime | None, removed: RemovedLeads) -> None:
        """Take the decisions since a time into the facts, but for those about leads that count with another one."""
        with self._engine.connect() as connection:
            for decided in decided_leads.decided_leads(connection, since):
                elsewhere = removed.counted_elsewhere(connection, list(decided))
                leads = {
                    lead_id: in_currency(lead, self._settings)
                    for lead_id, lead in decided.items()
                    if lead_id not in elsewhere
                }
                digests = [row for lead in leads.values() if (row := lead.at_submit["click"])]
                clicks = campaign_matches.campaigns_of_clicks(connection, digests)
                parts = decided_parts(leads, clicks, self._matcher, self._groups)
                forms = [
                    touch_of_form(part.lead_id, part.submitted_at, part.origin, part.match.key, LOG)
                    for part in parts
                    if part.origin is not None and part.match is not None and part.submitted_at is not None
                ]
                self._write(parts, forms)

    def add_crm(self, reader: CrmReader, people: People | None) -> None:
        """Take leads and outcomes of the CRM into the facts."""
        for leads in reader.leads():
            kept = [lead for lead in leads if str(lead.submitted_at.astimezone(self._zone).date()) >= self._oldest]
            with self._engine.connect() as connection:
                persons = [(lead.lead_id, lead.fields.get("email"), lead.submitted_at) for lead in kept]
                erased = erasures.erased_among(connection, self._cipher, persons)
                kept = [lead for lead in kept if lead.lead_id not in erased]
                decided = decided_leads.known(connection, [lead.lead_id for lead in kept])
                clicks = campaign_matches.campaigns_of_clicks(connection, click_digests(kept, self._cipher))
            parts = crm_parts(kept, decided, clicks, self._matcher, self._cipher)
            found = [
                visit
                for lead in kept
                for visit in visits_of(lead.lead_id, lead.submitted_at, lead.fields, self._groups)
            ]
            found += [
                touch_of_form(part.lead_id, part.submitted_at, part.origin, part.match.key, CRM)
                for part in parts
                if part.origin is not None and part.match is not None and part.submitted_at is not None
            ]
            self._write(parts, found)
            if people is not None and not self._dry:
                with self._engine.begin() as connection:
                    self.people += people(connection, kept)

    def add_scores(self, scores: FactSources) -> None:
        """Take scores into the facts."""
        at_submit = [LeadParts(lead, at_submit=score) for lead, score in scores.at_submit.items()]
        at_present = [LeadParts(lead, now=score) for lead, score in scores.now.items()]
        for parts in (at_submit, at_present):
            for begin in range(0, len(parts), _AT_ONCE):
                self._write(parts[begin : begin + _AT_ONCE], [])

    def end_values(self) -> None:
        """End the predicted values of leads past the horizon that no source has any more, such as deleted ones."""
        if self._dry:
            return
        with long_transaction(self._engine) as connection:
            past = stamp(self._now - timedelta(days=self._settings.horizon_days))
            self.writer.days |= lead_facts.end_values(connection, past)

    def _write(self, parts: Sequence[LeadParts], found: Sequence[touches.Touch]) -> None:
        with long_transaction(self._engine) as connection:
            self.writer.add(connection, parts)
            if found and not self._dry:
                new = touches.add(connection, found)
                self.touches += len(new)
                self.writer.note_touched(connection, {touch.lead_id for touch in new})
        self._advance(len(parts))

    def write_rollups(self, first_day: str, *, full: bool) -> int:
        """Write the sums of the days that changed and of those since a day again; return how many rows."""
        today = str(self._now.astimezone(self._zone).date())
        with self._engine.connect() as connection:
            with_leads = lead_facts.days(connection)
            traffic = traffic_weeks.imported_days(connection, self._traffic_since(full=full))
            spent = spend_days.days(connection) if full or self._last is None else []
        days = {
            day for day in self.writer.days | {day for day in with_leads if day >= first_day} if day >= self._oldest
        }
        self.writer.days = days
        written = 0
        for part in in_lists(days, _DAYS_AT_ONCE):
            with long_transaction(self._engine) as connection:
                written += rewrite_days(connection, part)
                written += rewrite_stages(connection, part, self._now)
        events = set(self.writer.event_days)
        if full or self._last is None:
            events |= {day for day in with_leads if day >= self._oldest} | {today}
            self.writer.won_days |= days
        for part in in_lists((day for day in self.writer.won_days if day >= self._oldest), _DAYS_AT_ONCE):
            with long_transaction(self._engine) as connection:
                written += rewrite_submit_credits(connection, part)
        for part in in_lists((day for day in events if day >= self._oldest), 366):
            with long_transaction(self._engine) as connection:
                written += rewrite_outcomes(connection, part, self._zone)
                written += rewrite_win_credits(connection, part, self._zone)
        for part in in_lists(traffic, 371):
            with long_transaction(self._engine) as connection:
                written += traffic_weeks.rewrite_weeks(connection, part)
        for part in in_lists(days | {day for day in events if day >= self._oldest} | {*traffic, *spent}, 92):
            with long_transaction(self._engine) as connection:
                written += rewrite_funnel(connection, part)
        return written + self._write_bins(days)

    def _traffic_since(self, *, full: bool) -> str | None:
        return None if full or self._last is None else stamp(self._last.started_at - OVERLAP)

    def _write_bins(self, days: set[str]) -> int:
        """Write the response times of the weeks of some days again."""
        weeks = {str(monday(day)) for day in days}
        if not weeks:
            return 0
        business = business_clock(self._settings, weeks, self._now)
        written = 0
        for week in sorted(weeks):
            with long_transaction(self._engine) as connection:
                written += rewrite_week(connection, week, business, self._now)
        return written

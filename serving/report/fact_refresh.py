"""The job that refreshes the report: reads the leads of the CRM, scores them, and hands both to `reporting.facts`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from crm.crm_connection import open_connector
from crm.first_contacts import first_contacts
from crm.lead_history import LeadHistory, read_history
from crm.mirror_fields import PREFIX, is_crm
from crm.mirror_sync import crm_cipher
from leadworth.channel_groups import channel_groups
from leadworth.crm_records import RecordState
from reporting.facts.crm_parts import CrmReader
from reporting.facts.fact_builder import LeadScore
from reporting.facts.refresh import FactSources, RefreshCounts, refresh
from reporting.facts.removed_leads import RemovedLeads
from serving.report.history_as_of import history_as_of
from serving.report.lead_index import indexer
from serving.report.lead_scores import rule_scores, scores_at_submit, scores_now
from store import crm_aliases, lead_facts
from store.crm_mirror import CrmMirror

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings
    from models.bundle import Bundle

Advance = Callable[[int], None]


@dataclass(frozen=True)
class ReportJob:
    """A refresh of the report.

    Attributes
    ----------
    engine
        Migrated store.
    settings
        Settings of the business.
    bundle
        Model in use; None: leads that no decision is stored for have a junk probability by the rules, and no value.
    now
        Timezone-aware present time; leads and outcomes that came later are left out.
    advance
        Called with numbers of leads.
    """

    engine: Engine
    settings: Settings
    bundle: Bundle | None
    now: datetime
    advance: Advance = lambda _: None

    def run(
        self,
        *,
        full: bool = False,
        dry_run: bool = False,
        since_day: date | None = None,
        open_scores: Mapping[str, LeadScore] | None = None,
    ) -> RefreshCounts:
        """Refresh facts, touches and rollups.

        Parameters
        ----------
        full
            Take all decisions, and write all sums again.
        dry_run
            Compute and count, and write nothing.
        since_day
            See `reporting.facts.refresh.refresh`.
        open_scores
            Scores now of the open leads, where they were just computed; None: they are computed.

        Raises
        ------
        InputError
            If a table cannot be read.
        """
        history = history_as_of(read_history(self.settings), self.now) if has_leads(self.settings) else None
        if history is None:
            return self._refresh(FactSources(), full=full, dry_run=dry_run, since_day=since_day)
        reader = CrmReader(
            history,
            self._contacts(),
            frozenset(stage.casefold() for stage in self.settings.export.qualified_stages),
            channel_groups(self.settings),
            self.now,
        )
        now_scores = open_scores
        if now_scores is None:
            now_scores = scores_now(self.bundle, history, self.now, self.advance) if self.bundle else {}
        sources = FactSources(
            reader,
            indexer(self.settings),
            self._at_submit(history),
            now_scores,
            self._removed(),
            self._files_at(),
        )
        return self._refresh(sources, full=full, dry_run=dry_run, since_day=since_day)

    def _refresh(self, sources: FactSources, *, full: bool, dry_run: bool, since_day: date | None) -> RefreshCounts:
        return refresh(
            self.engine,
            self.settings,
            now=self.now,
            since_day=since_day,
            full=full,
            sources=sources,
            dry_run=dry_run,
            advance=self.advance,
        )

    def _at_submit(self, history: LeadHistory) -> Mapping[str, LeadScore]:
        """Return the scores as at submit of the leads that have none yet."""
        with self.engine.connect() as connection:
            scored = lead_facts.scored(connection)
        missing = [lead for lead in history.leads["lead_id"].tolist() if lead not in scored]
        if self.bundle is None:
            return rule_scores(history, missing, self.advance)
        return scores_at_submit(self.bundle, history, missing, self.now, self.advance)

    def _files_at(self) -> datetime | None:
        """Return when the oldest of the files of leads and outcomes was written, as long before `now` as it is."""
        paths = [self.settings.resolve(source.path) for source in (self.settings.leads, self.settings.outcomes)]
        written = [path.stat().st_mtime for path in paths if path.is_file()]
        if not written:
            return None
        return self.now - timedelta(seconds=max(datetime.now(UTC).timestamp() - min(written), 0.0))

    def _removed(self) -> RemovedLeads:
        """Return the leads that the CRM no longer has, as its mirror knows them."""
        path = self.settings.leads.path
        if not is_crm(path):
            return RemovedLeads()
        name = path.removeprefix(PREFIX)
        with open_connector(self.settings, name, offline=True) as connector, self.engine.connect() as connection:
            mirror, lead_object = CrmMirror(connection, name, crm_cipher(self.settings)), connector.lead_object
            gone = mirror.ids(lead_object, (RecordState.DELETED, RecordState.MERGED))
            return RemovedLeads(crm_aliases.merges(mirror, lead_object), frozenset(gone))

    def _contacts(self) -> Mapping[str, Sequence[datetime]]:
        """Return the contacts of sales with each lead, from the activities of the mirror."""
        path = self.settings.leads.path
        if not is_crm(path):
            return {}
        name = path.removeprefix(PREFIX)
        with open_connector(self.settings, name, offline=True) as connector, self.engine.connect() as connection:
            mirror = CrmMirror(connection, name, crm_cipher(self.settings))
            zone = self.settings.zone
            return first_contacts(mirror, name, connector.info, connector.lead_object, zone, self.now)


def has_leads(settings: Settings) -> bool:
    """Return whether the leads of the settings can be read here: a mirror, a database, or a file that exists."""
    path = settings.leads.path
    return bool(path) and (is_crm(path) or "://" in path or settings.resolve(path).exists())

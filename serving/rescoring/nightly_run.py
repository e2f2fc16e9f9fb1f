"""The nightly run of one CRM: synchronise, score the open leads, write back what changed, plan the exports.

Each step stores its results before the next one, so that a run that was killed at any point is repeated as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crm.crm_connection import open_connector
from crm.mirror_fields import PREFIX, is_crm
from crm.mirror_sync import MirrorSync, SyncReport, sync_job, utc_now
from crm.score_changes import BandScale
from crm.score_writer import WriteBackCounts, reasons_of, worth_writing, write_pending
from leadworth.console import console, progress
from leadworth.errors import ConfigurationError
from serving.rescoring.event_reader import EventReader
from serving.rescoring.open_lead_scores import OpenLeadScores, score_open_leads
from store import crm_events, crm_scores
from store.chunks import chunks
from store.crm_runs import RunResult
from store.store_lease import awaited_lease

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crm.connector import Connector
    from leadworth.crm_records import ScoreRow
    from leadworth.settings import Settings
    from models.bundle import Bundle
    from store.crm_scores import ScoreWrite

RETRY_REFUSED = (
    "Rows that were refused are sent again once their scores change: find the cause (`leadworth crm doctor`), mend it "
    "in the CRM, and run `leadworth rescore --retry-refused`"
)


@dataclass
class NightlyResult:
    """What a nightly run did.

    Attributes
    ----------
    sync
        None where the mirror was not synchronised.
    scores
        Scores of the open leads.
    writes
        Rows of the write-back.
    changes
        With a dry run: rows that would be written, each with what is stored about it.
    failures
        Sentences about webhooks that could not be worked off.
    """

    scores: OpenLeadScores
    writes: WriteBackCounts
    sync: SyncReport | None = None
    changes: list[tuple[ScoreRow, ScoreWrite | None]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def undone(self) -> list[str]:
        """What was left undone, in sentences; empty if nothing was."""
        sentences = []
        if self.sync is not None and self.sync.result is not RunResult.COMPLETE:
            sentences.append(self.sync.message)
        sentences += self.failures
        sentences += self.writes.undone
        if self.writes.refused:
            sentences.append(f"the CRM refused scores: {reasons_of(self.writes.refused)}")
        if self.scores.counts.rows_rejected:
            sentences.append(f"{self.scores.counts.rows_rejected:,} leads could not be read")
        return sentences

    @property
    def remedy(self) -> str:
        """What to do about what was left undone."""
        refused = len(self.undone) == 1 and self.writes.refused
        again = "run it again; what was done stays"
        return RETRY_REFUSED if refused else f"{again}. {RETRY_REFUSED}" if self.writes.refused else again


def crm_of(settings: Settings) -> str:
    """Return the name of the CRM that the settings read the leads from.

    Raises
    ------
    ConfigurationError
        If they read them from somewhere else.
    """
    if not is_crm(settings.leads.path):
        raise ConfigurationError(
            f"[leads] path is {settings.leads.path!r}, not a CRM",
            allowed='path = "crm:NAME"',
            do="run `leadworth crm connect NAME`; files are scored by `leadworth score`",
        )
    return settings.leads.path.removeprefix(PREFIX)


def band_scale(settings: Settings, bundle: Bundle) -> BandScale:
    """Return the absolute scale of the bands."""
    meta = bundle.meta
    least = meta.least_probability if bundle.value_model.revenue.unit else None
    return BandScale(settings.mql.bands, meta.margin, meta.touch_cost, least)


def run_nightly(
    settings: Settings,
    bundle: Bundle,
    engine: Engine,
    *,
    clock: Callable[[], datetime] = utc_now,
    synchronise: bool = True,
    write_back: bool = True,
    retry_refused: bool = False,
    dry_run: bool = False,
) -> NightlyResult:
    """Synchronise, score and write back, once no other run synchronises with the CRM.

    Parameters
    ----------
    engine
        Migrated store.
    clock
        Returns the present time.
    synchronise
        Read the changes of the CRM first.
    write_back
        Write the scores to the CRM.
    retry_refused
        Write rows again that the CRM refused.
    dry_run
        Read and compute; store nothing and write nothing.

    Raises
    ------
    DeliveryError
        If the CRM refuses the credentials or does not answer.
    ConfigurationError
        If the settings name no CRM, or its account lacks the fields of the scores.
    """
    name = crm_of(settings)
    with ExitStack() as stack:
        connector = stack.enter_context(open_connector(settings, name, offline=not (synchronise or write_back)))
        if not dry_run:
            stack.enter_context(awaited_lease(engine, sync_job(name), lambda: _say_waiting(connector)))
        if write_back and not dry_run:
            require_score_fields(connector, engine)  # before minutes of work
        sync = MirrorSync(engine, connector, settings, clock=clock, dry=dry_run).run() if synchronise else None
        failures = _work_off(EventReader(engine, connector, settings, clock), clock()) if sync and not dry_run else []
        now = clock()
        with progress("Scoring the open leads") as advance:
            scores = score_open_leads(settings, bundle, name, now, write=not dry_run, advance=advance)
        result = NightlyResult(scores, WriteBackCounts(), sync, failures=failures)
        rows = scores.rows(band_scale(settings, bundle), now)
        if dry_run or not write_back:
            with engine.connect() as connection:
                for part in chunks(rows):
                    result.changes += worth_writing(
                        connection, name, connector.lead_object, part, now, result.writes, retry_refused=retry_refused
                    )
            return result
        for part in chunks(rows):
            with engine.begin() as connection:
                worth = worth_writing(
                    connection, name, connector.lead_object, part, now, result.writes, retry_refused=retry_refused
                )
                crm_scores.want(connection, name, connector.lead_object, [row for row, _ in worth], now)
        with engine.begin() as connection:
            crm_events.mark_scored(connection, name, now, clock())
        with progress(f"Writing to {connector.info.title}") as advance:
            write_pending(connector, engine, connector.lead_object, clock, result.writes, advance)
    return result


def _say_waiting(connector: Connector) -> None:
    console.print(f"Another run of leadworth reads {connector.info.title}; this one waits for its end", markup=False)


def _work_off(reader: EventReader, received_before: datetime) -> list[str]:
    """Read the records of the webhooks that wait, such as new associations; return what could not be read."""
    while True:
        counts = reader.work(received_before)
        if counts.failures or not counts.events:
            return counts.failures


def require_score_fields(connector: Connector, engine: Engine) -> None:
    """Raise ConfigurationError where the account lacks fields of the scores; once they are back, all are written."""
    missing = connector.missing_score_fields(connector.lead_object)
    if missing:
        with engine.begin() as connection:
            crm_scores.forget_written(connection, connector.name, connector.lead_object)
        raise ConfigurationError(
            f"{connector.info.title} has no fields {', '.join(missing)}",
            do=f"run `leadworth crm connect {connector.name} --create-fields`, or let an administrator create them",
        )

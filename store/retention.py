"""Retention: delete what the store has kept for as long as the settings say, from every table.

A lead's rows of a table are deleted together, after the last of them, so that the first decision stays known as long
as values are restated against it. What a restatement or a waiting event needs stays: decisions, consents and
conversions of leads whose identifiers are kept, and conversions that are not settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Table, and_, delete, select

from leadworth.velocity_retention import KEPT_DAYS
from store import erasures, idempotency_records, lead_facts, lead_identifiers, outbox, person_index, velocity_events
from store.campaign_matches import delete_clicks_before
from store.event_state import WAITING
from store.report_schema import click_campaigns
from store.schema import answers, consents, decisions, export_events, export_people, export_receipts, feedback
from store.schema import person_index as index_table
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.retention_settings import RetentionSettings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLICKS_KEPT = timedelta(days=90)
"""Age to which platforms say the campaign of a click, and a refresh can still ask for it."""
PAYLOADS = "export_events: payloads"
KEYED = "erasures: keyed"


def delete_expired(
    engine: Engine,
    settings: RetentionSettings,
    now: datetime,
    lead_digest: Callable[[str], str] | None = None,
    *,
    dry_run: bool = False,
) -> Counter[str]:
    """Delete what is older than the settings allow; return how many rows of each table.

    Parameters
    ----------
    engine
        Of a migrated store.
    settings
        Section `[retention]`.
    now
        Timezone-aware current time.
    lead_digest
        Keyed digest of a lead id; given, lead ids that earlier versions left in receipts of erasures are replaced.
    dry_run
        Count only.
    """
    counts = Counter[str]()
    with engine.connect() as connection:
        counts[export_people.name] = lead_identifiers.delete_expired(connection, now, settings.identifiers_days)
        counts[PAYLOADS] = outbox.delete_expired_payloads(connection, now)
        counts[answers.name] = idempotency_records.forget(connection, settings.answers_hours)
        counts[export_events.name] = _delete_events(connection, now - timedelta(days=settings.events_days))
        counts[export_receipts.name] = _delete_receipts(connection, now - timedelta(days=settings.events_days))
        for table, at, days, needed in (
            (decisions, "scored_at", settings.decisions_days, True),
            (consents, "given_at", settings.consents_days, True),
            (feedback, "given_at", settings.feedback_days, False),
        ):
            counts[table.name] = _delete_of_leads(connection, table, at, now - timedelta(days=days), needed=needed)
        counts.update(lead_facts.delete_submitted_before(connection, now - timedelta(days=settings.facts_days)))
        counts[click_campaigns.name] = delete_clicks_before(connection, now - CLICKS_KEPT)
        counts.update(velocity_events.forget(connection))
        kept_days = max(settings.decisions_days, KEPT_DAYS)
        oldest = (now - timedelta(days=kept_days) - _EPOCH) // timedelta(microseconds=1)
        counts[index_table.name] = person_index.delete_unused(connection, oldest)
        if lead_digest is not None:
            counts[KEYED] = erasures.key_earlier(connection, lead_digest)
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
    return counts


def _delete_of_leads(connection: Connection, table: Table, at: str, before: datetime, *, needed: bool) -> int:
    """Delete the rows of leads of which none is newer than a time; with `needed`, not those that are still exported."""
    newer = table.alias("newer")
    conditions: list[ColumnElement[bool]] = [
        table.c[at] < stamp(before),
        ~select(1).where(newer.c.lead_id == table.c.lead_id, newer.c[at] >= stamp(before)).exists(),
    ]
    if needed:
        conditions += [
            ~select(1).where(export_people.c.lead_id == table.c.lead_id).exists(),
            ~select(1).where(export_events.c.lead_id == table.c.lead_id, export_events.c.state.in_(WAITING)).exists(),
        ]
    return int(connection.execute(delete(table).where(*conditions)).rowcount)


def _delete_events(connection: Connection, before: datetime) -> int:
    """Delete transactions of which no version is newer, waits, or can be restated."""
    events = export_events.c
    other = export_events.alias("other")
    same = and_(other.c.destination == events.destination, other.c.transaction_id == events.transaction_id)
    kept = (other.c.updated_at >= stamp(before)) | other.c.state.in_(WAITING)
    statement = delete(export_events).where(
        events.updated_at < stamp(before),
        ~select(1).where(same, kept).exists(),
        ~select(1).where(export_people.c.lead_id == events.lead_id).exists(),
    )
    return int(connection.execute(statement).rowcount)


def _delete_receipts(connection: Connection, before: datetime) -> int:
    receipts = export_receipts.c
    statement = delete(export_receipts).where(receipts.sent_at < stamp(before), receipts.ask_at.is_(None))
    return int(connection.execute(statement).rowcount)

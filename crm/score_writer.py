"""Write-back: plan which scores are worth a write, and write them in batches that survive a kill at any point.

What a record should hold is stored before the first request, the CRM's answer after it. A process that ends in between
leaves rows that wait; the next run writes the same values again, which changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crm.crm_http import QuotaReachedError
from crm.mirror_sweeps import MirrorSweeps
from crm.score_changes import is_worth_writing
from crm.stream_state import StreamState
from leadworth.crm_records import CONVERTED_LINK, ScoreRow
from leadworth.errors import TerminalError, TransientError
from store import crm_links, crm_scores
from store.crm_scores import ScoreState, ScoreWrite
from store.store_lease import awaited_lease

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from crm.connector import Connector


@dataclass
class WriteBackCounts:
    """Rows of a write-back.

    Attributes
    ----------
    unchanged
        Rows whose scores in the CRM are near enough.
    written
        Rows that the CRM accepted.
    refused
        Reason -> rows that the CRM refused in this run, and would again.
    refused_before
        Reason -> rows that the CRM refused earlier, with about the same scores.
    postponed
        Reason -> rows that the CRM refused for now, such as those of a locked record; they wait for the next run.
    waiting
        Rows that still wait, because the run stopped.
    stopped
        Why it stopped; empty: it did not.
    """

    unchanged: int = 0
    written: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refused_before: Counter[str] = field(default_factory=Counter)
    postponed: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    stopped: str = ""

    @property
    def undone(self) -> list[str]:
        """What waits for the next run, in sentences; empty if nothing does."""
        sentences = [f"{self.waiting:,} scores wait: {self.stopped}"] if self.stopped else []
        if self.postponed:
            sentences.append(f"the CRM refused for now, and the next run writes: {reasons_of(self.postponed)}")
        return sentences


def reasons_of(counts: Counter[str]) -> str:
    """Return the number of rows by reason, as text.

    Examples
    --------
    >>> reasons_of(Counter({"READ_ONLY": 1, "LOCKED": 2_000}))
    '2,000 LOCKED, 1 READ_ONLY'
    """
    return ", ".join(f"{number:,} {reason}" for reason, number in sorted(counts.items()))


BLOCK_ROWS = 200
"""Rows that are read from the store at once where the CRM takes fewer in one request."""


def worth_writing(
    connection: Connection,
    crm: str,
    object_name: str,
    rows: Sequence[ScoreRow],
    now: datetime,
    counts: WriteBackCounts,
    *,
    retry_refused: bool = False,
) -> list[tuple[ScoreRow, ScoreWrite | None]]:
    """Return the rows that are worth a write, each with what is stored about it, and count the others.

    Parameters
    ----------
    rows
        New scores.
    retry_refused
        Include rows that the CRM refused, even if their scores did not change.
    """
    stored = crm_scores.of_records(connection, crm, object_name, [row.record_id for row in rows])
    worth: list[tuple[ScoreRow, ScoreWrite | None]] = []
    for row in rows:
        known = stored.get(row.record_id)
        if known is None or known.state is ScoreState.PENDING:
            worth.append((row, known))
        elif known.state is ScoreState.SET_ASIDE:
            if retry_refused or is_worth_writing(row.values, known.wanted, now, now):
                worth.append((row, known))
            else:
                counts.refused_before[known.reason] += 1
        elif is_worth_writing(row.values, known.written, known.written_at, now):
            worth.append((row, known))
        else:
            counts.unchanged += 1
    return worth


def write_pending(
    connector: Connector,
    engine: Engine,
    object_name: str,
    clock: Callable[[], datetime],
    counts: WriteBackCounts,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Write all scores that wait, and record the result of each row.

    A transient error or the quota ends the run; the rest stays and is written next time. Scores of records that were
    deleted or merged meanwhile are dropped; where the CRM names no deletions, the next sync looks for them. Of several
    processes one at a time writes some rows, so that none is written twice.

    Parameters
    ----------
    clock
        Returns the present time, timezone-aware.
    counts
        Is added to.
    advance
        Called with the number of rows after each batch.

    Raises
    ------
    UnauthorisedError
        If the CRM refuses the credentials.
    TerminalError
        If the connector's results do not belong to the rows.
    """
    with engine.begin() as connection:
        crm_scores.drop_gone(connection, connector.name, object_name)
    after = ""
    size = connector.write_rows * max(BLOCK_ROWS // connector.write_rows, 1)
    while True:
        with awaited_lease(engine, f"{connector.name}-scores"):
            with engine.connect() as connection:
                block = crm_scores.pending(connection, connector.name, object_name, size, after=after)
                deals = _deals(connection, connector, object_name, block)
            if not block:
                return
            after = block[-1].record_id
            rows = [ScoreRow(write.record_id, write.wanted, deals.get(write.record_id, "")) for write in block]
            for start in range(0, len(rows), connector.write_rows):
                batch = rows[start : start + connector.write_rows]
                if not _write_batch(connector, engine, object_name, batch, clock, counts):
                    with engine.connect() as connection:
                        states = crm_scores.counts(connection, connector.name)
                    counts.waiting = states.get(ScoreState.PENDING, 0) - counts.postponed.total()
                    return
                advance(len(batch))


def _write_batch(
    connector: Connector,
    engine: Engine,
    object_name: str,
    rows: Sequence[ScoreRow],
    clock: Callable[[], datetime],
    counts: WriteBackCounts,
) -> bool:
    """Write rows, record their results and return True; False where a transient error or the quota ends the run."""
    try:
        results = connector.write(object_name, rows)
    except QuotaReachedError as error:
        counts.stopped = error.code
        return False
    except TransientError as error:
        counts.stopped = str(error)
        return False
    if [result.record_id for result in results] != [row.record_id for row in rows]:
        raise TerminalError(
            f"{connector.name} returned {len(results)} results for {len(rows)} rows, or in another order",
            do="report this as a defect; nothing was recorded, and the rows are written again",
        )
    if any(result.gone for result in results):
        MirrorSweeps(connector, StreamState(engine, connector.name, clock), clock).require(object_name)
    with engine.begin() as connection:
        crm_scores.note_results(connection, connector.name, object_name, rows, results, clock())
    for result in results:
        if not result.reason:
            counts.written += 1
        elif result.may_succeed_later:
            counts.postponed[result.reason] += 1
        else:
            counts.refused[result.reason] += 1
    return True


def _deals(
    connection: Connection, connector: Connector, object_name: str, batch: Sequence[ScoreWrite]
) -> dict[str, str]:
    """Return lead -> the deal that carries its scores; of several leads of one deal only the first that was created."""
    deal = connector.deal_of_converted
    if not deal or object_name != connector.lead_object:
        return {}
    ids = [write.record_id for write in batch]
    return crm_links.first_of_target(connection, connector.name, object_name, ids, deal, CONVERTED_LINK)

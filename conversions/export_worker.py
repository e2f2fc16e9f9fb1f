"""Send what is due: take from the ledger, prepare, deliver, write down what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from conversions.batch_delivery import deliver
from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_errors import EventRejected
from conversions.delivery_results import DeliveryResult, Payload
from conversions.erasure import erased_among
from conversions.event_checks import check, no_plain_address
from conversions.person_identifiers import read
from conversions.rate_limiter import Gate
from conversions.sent_values import SentValues, valuation
from leadworth.consent import Consent
from leadworth.errors import ConfigurationError
from leadworth.ids import new_id
from store import consents, outbox
from store.event_state import EventState
from store.idempotency_records import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.destination import Destination
    from conversions.encryption import IdentifierCipher
    from leadworth.settings import Settings

log = structlog.get_logger()

HOLD = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=6)
POLL_SECONDS = 5.0
Row = dict[str, Any]


@dataclass
class Prepared:
    """What a batch became before any network.

    Attributes
    ----------
    ready
        Rows with their payload and the value that is told.
    settled
        Rows that are not sent, with what to write.
    """

    ready: list[tuple[Row, Payload, Decimal]] = field(default_factory=list)
    settled: list[Row] = field(default_factory=list)


class ExportWorker:
    """Sends for one platform; any number of them, in any number of processes, may work side by side.

    Parameters
    ----------
    engine
        Of the store.
    destination
        The platform.
    settings
        Of leadworth.toml.
    seal
        Of the installation.
    """

    def __init__(self, engine: Engine, destination: Destination, settings: Settings, seal: IdentifierCipher) -> None:
        self.name = f"{os.getpid():x}-{new_id(64)}"[:32]
        self.destination, self._engine, self._seal = destination, engine, seal
        self._export = settings.export
        self._assumed = frozenset(country.upper() for country in settings.export.consent.assume_granted_in)
        self._lease = timedelta(seconds=self._export.lease_seconds)
        self._quiet = timedelta(seconds=2 * self._export.timeout_seconds)
        pace = getattr(self._export.platform(destination.name), "requests_per_minute", 6_000)
        self.gate = Gate(engine, destination.name, pace)
        self._valuation: tuple[float, SentValues] | None = None

    def work(self) -> Counter[str]:
        """Send one batch of what is due; return how many events came to which state. Nothing due: nothing."""
        now, limits, name = datetime.now(UTC), self.destination.limits, self.destination.name
        with self._engine.begin() as connection:
            outbox.release_expired(connection, name, now, limits.repeats is not None)
            expired = outbox.expire(connection, name, now)
            due = outbox.next_due(connection, name)
        counts = Counter({EventState.EXPIRED.value: expired} if expired else {})
        if due is None or due > stamp(now) or not self.gate.leave():
            return counts
        with self._engine.begin() as connection:
            rows = outbox.take(connection, name, self.name, now, self._lease, limits.batch)
        if rows:
            counts += self._send(rows)
        return counts

    def _send(self, rows: Sequence[Row]) -> Counter[str]:
        with self._engine.connect() as connection:
            prepared = self.prepare(connection, rows, datetime.now(UTC))
        settled, receipts = list(prepared.settled), Counter[str]()
        routes: dict[str, list[tuple[Row, Payload, Decimal]]] = {}
        for one in prepared.ready:
            routes.setdefault(one[1].route, []).append(one)
        free, last = [True], time.monotonic() + self._export.lease_seconds - 2 * self._export.timeout_seconds

        def may_send() -> bool:
            """Ask for leave, unless the lease could end before the answer comes: then another may have the rows."""
            return time.monotonic() < last and (free.pop() if free else self.gate.leave())

        for ready in routes.values():
            outcomes = self._deliver([payload for _, payload, _ in ready], may_send)
            now = datetime.now(UTC)
            for (row, payload, told), outcome in zip(ready, outcomes, strict=True):
                settled.append(self._settled(row, payload, told, outcome, now))
                if outcome.state in outbox.TOLD and outcome.receipt and self.destination.limits.ask_after:
                    receipts[outcome.receipt] += 1
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            held = outbox.settle(connection, self.destination.name, self.name, settled, now)
            outbox.receive(connection, self._receipts(receipts, now))
        if held < len(settled):
            log.warning("leases ended while events were sent", destination=self.destination.name, events=len(rows))
        return Counter(row["state"] for row in settled)

    def _deliver(self, batch: Sequence[Payload], may_send: Callable[[], bool]) -> list[DeliveryResult]:
        outcomes = deliver(self.destination, batch, may_send)
        shut = next((one for one in outcomes if one.shut), None)
        if shut is not None:
            after = self.gate.close(shut.code) - datetime.now(UTC)
            log.error("platform lets no one in", destination=self.destination.name, code=shut.code)
            return [replace(one, code="door-closed", after=after) if one.shut else one for one in outcomes]
        if any(one.state in outbox.TOLD for one in outcomes):
            self.gate.open()
        return outcomes

    def prepare(self, connection: Connection, rows: Sequence[Row], now: datetime) -> Prepared:
        """Turn rows of the ledger into payloads; what must not be sent is settled with its reason."""
        agreed = consents.of_leads(connection, [row["lead_id"] for row in rows])
        erased = erased_among(connection, [row["lead_id"] for row in rows])
        later = [row["transaction_id"] for row in rows if row["kind"] != EventKind.CONVERSION]
        known = outbox.told_before(connection, self.destination.name, later)
        values = self._values(connection, now)
        prepared = Prepared()
        for row in rows:
            try:
                told = values.told(row)
                if row["lead_id"] in erased and row["kind"] != EventKind.RETRACTION:
                    raise EventRejected("erased", "the person was erased", EventState.SUPPRESSED)
                if told is None:
                    prepared.settled.append(_kept(row, EventState.RETRY, "held-new-model", now + HOLD))
                    continue
                payload = self._payload(row, told, agreed.get(row["lead_id"], Consent()), known, now)
            except EventRejected as refused:
                prepared.settled.append(_kept(row, refused.state, refused.code, now))
            except Exception as error:  # one row that cannot be made must not hold the others up
                log.error("event cannot be made", event_id=row["event_id"], error=type(error).__name__)
                prepared.settled.append(_kept(row, EventState.REJECTED, f"unusable: {type(error).__name__}", now))
            else:
                prepared.ready.append((row, payload, told))
        return prepared

    def _payload(self, row: Row, told: Decimal, agreed: Consent, known: set[str], now: datetime) -> Payload:
        limits = self.destination.limits
        if row["quiet_until"] is not None and (
            limits.repeats is None or now - datetime.fromisoformat(row["first_sent_at"]) > limits.repeats
        ):
            raise EventRejected("perhaps-sent", "it may have arrived, and would count twice", EventState.UNCERTAIN)
        if row["payload"] is None:
            raise EventRejected("no-identifiers-kept", "the identifiers were deleted", EventState.SUPPRESSED)
        try:
            sealed: dict[str, Any] = self._seal.open(row["payload"])
        except ConfigurationError:
            raise EventRejected("sealed-otherwise", "sealed with another secret") from None
        event = self._event(row, told, sealed, agreed, known)
        check(event, limits, now)
        payload = self.destination.plan(event)
        no_plain_address(payload.body)
        return payload

    def _event(
        self, row: Row, told: Decimal, sealed: Mapping[str, Any], agreed: Consent, known: set[str]
    ) -> ConversionEvent:  # fmt: skip
        identity = read(sealed["identity"])
        kind = EventKind(row["kind"])
        if kind is EventKind.RETRACTION:
            if row["transaction_id"] not in known:
                raise EventRejected("never-told", "there is nothing to take back", EventState.SUPPRESSED)
        elif kind is EventKind.RESTATEMENT and row["transaction_id"] not in known:
            kind = EventKind.CONVERSION
        clicked = sealed.get("clicked_at")
        happened = datetime.fromisoformat(row["happened_at"])
        return ConversionEvent(
            transaction_id=row["transaction_id"],
            stage=row["stage"],
            kind=kind,
            happened_at=happened,
            updated_at=max(datetime.fromisoformat(row["created_at"]), happened),
            value=told,
            currency=row["currency"],
            identity=identity,
            consent=agreed.settled(identity.region, self._assumed),
            clicked_at=datetime.fromisoformat(clicked) if clicked else None,
            entry=sealed.get("entry"),
        )

    def _settled(self, row: Row, payload: Payload, told: Decimal, outcome: DeliveryResult, now: datetime) -> Row:
        """Return what to write of a row that was sent."""
        digest = hashlib.sha256(json.dumps(payload.body, sort_keys=True).encode()).hexdigest()
        if outcome.state in outbox.TOLD:
            still = row["quiet_until"] if row["quiet_until"] and row["quiet_until"] > stamp(now) else None
            return {
                **_kept(row, outcome.state, outcome.code, now), "told": str(told), "receipt": outcome.receipt or None,
                "digest": digest, "keeps": False, "quiet_until": still,
            }  # fmt: skip
        if outcome.state is EventState.REJECTED:
            return {**_kept(row, EventState.REJECTED, outcome.code, now), "digest": digest}
        counted = outcome.code != "paced" and not outcome.shut
        attempts = row["attempts"] + counted
        quiet = row["quiet_until"]
        if outcome.state is EventState.UNCERTAIN:
            quiet = stamp(now + self._quiet)
        given_up = attempts >= self._export.most_attempts
        if quiet is not None and (given_up or self.destination.limits.repeats is None):
            return {**_kept(row, EventState.UNCERTAIN, outcome.code, now), "attempts": attempts, "digest": digest}
        if given_up:
            return {**_kept(row, EventState.REJECTED, f"attempts: {outcome.code}"[:64], now), "attempts": attempts}
        longest = min(timedelta(seconds=self._export.retry_seconds) * 2 ** min(attempts - counted, 20), LONGEST_WAIT)
        wait = max(longest * random.random(), outcome.after or timedelta(0))
        return {
            **_kept(row, EventState.RETRY, outcome.code, now + wait), "attempts": attempts, "quiet_until": quiet,
            "digest": digest,
        }  # fmt: skip

    def _values(self, connection: Connection, now: datetime) -> SentValues:
        """Return the valuation, looked up once a minute."""
        if self._valuation is None or time.monotonic() - self._valuation[0] > 60.0:
            found = valuation(connection, self.destination.name, self._export, now)
            self._valuation = time.monotonic(), found
        return self._valuation[1]

    def _receipts(self, receipts: Counter[str], now: datetime) -> list[Row]:
        after = self.destination.limits.ask_after or timedelta(0)
        return [
            {"receipt": receipt, "destination": self.destination.name, "sent_at": stamp(now), "events": count,
             "ask_at": stamp(now + after), "asked": 0, "processed": None, "failed": None, "reasons": "{}"}
            for receipt, count in receipts.items()
        ]  # fmt: skip


def _kept(row: Row, state: EventState, code: str, not_before: datetime) -> Row:
    """Return what to write of a row that keeps all else."""
    return {
        "event_id": row["event_id"], "state": state.value, "code": code[:64], "attempts": row["attempts"],
        "not_before": stamp(not_before), "quiet_until": row["quiet_until"], "told": None, "receipt": None,
        "digest": row["digest"], "keeps": state is not EventState.SUPPRESSED,
    }  # fmt: skip


def run(workers: Sequence[ExportWorker], stopping: threading.Event, seen: Callable[[str, Counter[str]], None]) -> None:
    """Let workers work side by side until told to stop, each as long as something is due."""

    def one(worker: ExportWorker) -> None:
        while not stopping.is_set():
            try:
                counts = worker.work()
            except SQLAlchemyError as error:  # the store is away or busy: what was sent is settled when the lease ends
                log.warning("store is away", destination=worker.destination.name, error=type(error).__name__)
                counts = Counter()
            if counts:
                seen(worker.destination.name, counts)
            if not counts.total():
                stopping.wait(POLL_SECONDS * random.uniform(0.8, 1.0))

    threads = [threading.Thread(target=one, args=(worker,), name=worker.destination.name) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

"""Export worker: lease due events of one platform, prepare and deliver them, and record the results."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from conversions.batch_delivery import deliver
from conversions.circuit_breaker import CircuitBreaker
from conversions.delivery_results import DeliveryResult, Payload
from conversions.event_preparation import EventPreparation, PreparedEvent
from conversions.event_results import result_of_delivery
from conversions.rate_limiter import RateLimiter
from leadworth.clock import Clock, utc_now
from leadworth.ids import new_id
from store import outbox_leases, receipts
from store.event_state import DELIVERED, EventState
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.destination import Destination
    from leadworth.encryption import IdentifierCipher
    from leadworth.settings import Settings
    from store.outbox import Row

log = structlog.get_logger()

REQUESTS_PER_MINUTE = 6_000
"""Rate limit of a platform whose settings have none."""
CLEAN_SECONDS = 1.0
"""Time between two looks for ended leases and closed windows: each reads all events that wait."""


class ExportWorker:
    """Sends the events of one platform; any number of workers, in any number of processes, may run at once.

    Parameters
    ----------
    engine
        Store engine.
    destination
        The platform.
    settings
        Application settings.
    cipher
        Decrypts the identifiers.
    clock
        The current time; that of the replayed period in a replay.
    """

    def __init__(
        self,
        engine: Engine,
        destination: Destination,
        settings: Settings,
        cipher: IdentifierCipher,
        clock: Clock = utc_now,
    ) -> None:
        self.name = f"{os.getpid():x}-{new_id(64)}"[:32]
        self.destination = destination
        self.preparation = EventPreparation(destination, settings, cipher)
        self._engine = engine
        self._clock = clock
        self._export = settings.export
        platform = settings.export.platform(destination.name)
        per_minute = getattr(platform, "requests_per_minute", REQUESTS_PER_MINUTE)
        self._rate_limiter = RateLimiter(engine, destination.name, per_minute)
        self._circuit_breaker = CircuitBreaker(engine, destination.name)
        self._next_clean = 0.0

    def work(self) -> Counter[str]:
        """Send one batch of due events; return the event counts by state, empty if nothing was due."""
        now = self._clock()
        limits = self.destination.limits
        name = self.destination.name
        expired = 0
        with self._engine.begin() as connection:
            if time.monotonic() >= self._next_clean:
                outbox_leases.release_expired(connection, name, now, deduplicates=limits.repeats is not None)
                expired = outbox_leases.expire(connection, name, now)
                self._next_clean = time.monotonic() + CLEAN_SECONDS
            due = outbox_leases.next_due(connection, name)
        counts = Counter({EventState.EXPIRED.value: expired} if expired else {})
        if due is None or due > stamp(now) or not self._rate_limiter.acquire():
            return counts
        duration = timedelta(seconds=self._export.lease_seconds)
        with self._engine.begin() as connection:
            rows = outbox_leases.lease(connection, name, self.name, now, duration, limits.batch)
        if rows:
            counts += self._send(rows)
        return counts

    def _send(self, rows: Sequence[Row]) -> Counter[str]:
        with self._engine.connect() as connection:
            batch = self.preparation.prepare(connection, rows, self._clock())
        results = list(batch.results)
        receipt_counts = Counter[str]()
        may_send = self._permission()
        for events in _by_route(batch.events):
            deliveries = self._deliver([event.payload for event in events], may_send)
            now = self._clock()
            for event, delivery in zip(events, deliveries, strict=True):
                result = result_of_delivery(
                    event.row, event.value, delivery, self.destination.limits, self._export, now
                )
                result.consent = event.consent
                result.repairs = "; ".join(event.repairs) or None
                results.append(result)
                if delivery.state in DELIVERED and delivery.receipt:
                    receipt_counts[delivery.receipt] += 1
        now = self._clock()
        name = self.destination.name
        ask_after = self.destination.limits.ask_after
        with self._engine.begin() as connection:
            settled = outbox_leases.settle(connection, name, self.name, [result.columns() for result in results], now)
            if ask_after:
                receipts.add(connection, name, receipt_counts, now, now + ask_after)
        if settled < len(results):
            log.warning("leases ended while events were sent", destination=name, events=len(rows))
        return Counter(result.state for result in results)

    def _permission(self) -> Callable[[], bool]:
        """Return a function that says before each request of a leased batch whether it may be sent.

        `work` has acquired the slot of the first request. No request is sent that might be answered after
        the lease ends, because another worker may then hold the events.
        """
        first = [True]
        last_start = time.monotonic() + self._export.lease_seconds - 2 * self._export.timeout_seconds
        return lambda: time.monotonic() < last_start and (first.pop() if first else self._rate_limiter.acquire())

    def _deliver(self, batch: Sequence[Payload], may_send: Callable[[], bool]) -> list[DeliveryResult]:
        deliveries = deliver(self.destination, batch, may_send)
        unauthorised = next((delivery for delivery in deliveries if delivery.shut), None)
        if unauthorised is not None:
            pause = self._circuit_breaker.open(unauthorised.code) - utc_now()
            log.error("circuit breaker opened", destination=self.destination.name, code=unauthorised.code)
            return [
                replace(delivery, code="door-closed", after=pause) if delivery.shut else delivery
                for delivery in deliveries
            ]
        if any(delivery.state in DELIVERED for delivery in deliveries):
            self._circuit_breaker.close()
        return deliveries


def _by_route(events: Sequence[PreparedEvent]) -> list[list[PreparedEvent]]:
    """Return the events grouped by route; each group goes into one request."""
    routes: dict[str, list[PreparedEvent]] = {}
    for event in events:
        routes.setdefault(event.payload.route, []).append(event)
    return list(routes.values())

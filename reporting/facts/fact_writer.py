"""Write facts that changed, and note which days of the rollups they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from reporting.facts.fact_builder import FactBuilder, LeadParts, with_merged
from store import lead_facts, touches

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from store.lead_facts import Fact

EVENTS = ("mql_at", "sql_at", "quote_at", "won_at", "lost_at")
_IN_OUTCOMES = (*EVENTS, "submitted_at", "channel", "campaign_key", "country", "revenue_micros", "cost_micros")


@dataclass
class FactWriter:
    """Writes facts.

    Attributes
    ----------
    engine
        Migrated store.
    builder
        Builds facts.
    zone
        Zone of the report's days.
    read
        Leads that a source has.
    changed
        Leads whose facts changed.
    days, event_days
        Days of submit, and days of events, whose sums changed.
    won_days
        Days of submit of won leads whose outcomes or touches changed.
    dry
        Compute and count, and write nothing.
    """

    engine: Engine
    builder: FactBuilder
    zone: tzinfo
    dry: bool = False
    read: int = 0
    changed: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    event_days: set[str] = field(default_factory=set)
    won_days: set[str] = field(default_factory=set)

    def add(self, connection: Connection, parts: Sequence[LeadParts]) -> None:
        """Write the facts of leads of which something changed; a lead without a time of submit has none."""
        self.read += sum(part.at_submit is None and part.now is None and part.gone_at is None for part in parts)
        old = lead_facts.of_leads(connection, [part.lead_id for part in parts])
        changed = []
        for part in parts:
            before = old.get(part.lead_id)
            if before is None and part.submitted_at is None:
                continue
            fact = self.builder.build(before, part)
            if before == fact:
                continue
            changed.append(fact)
            self._note(before, fact)
        self.changed |= {fact["lead_id"] for fact in changed}
        if changed and not self.dry:
            lead_facts.write(connection, changed)

    def merge(self, connection: Connection, merged: Mapping[str, str]) -> None:
        """Let leads count with those that they were merged into (id -> survivor), where both have facts.

        The survivor has its own origin and outcome; what happened to either lead once stays.
        """
        facts = lead_facts.of_leads(connection, [*merged, *merged.values()])
        absorbed = {old: new for old, new in merged.items() if old in facts and new in facts}
        for old, new in sorted(absorbed.items(), key=lambda pair: facts[pair[0]]["submitted_at"]):
            before, survivor = facts[old], facts[new]
            facts[new] = with_merged(survivor, before)
            self._note(before, survivor)
            self._note(survivor, facts[new])
        self.changed |= {*absorbed, *absorbed.values()}
        if absorbed and not self.dry:
            lead_facts.write(connection, [facts[new] for new in sorted(set(absorbed.values()))])
            lead_facts.delete_leads(connection, list(absorbed))
            touches.move(connection, absorbed)
            self.note_touched(connection, set(absorbed.values()))

    def _note(self, before: Fact | None, fact: Fact) -> None:
        self.days.add(fact["day"])
        if before is not None:
            self.days.add(before["day"])
            if all(before[name] == fact[name] for name in _IN_OUTCOMES):
                return
        for row in (before, fact):
            if row is not None:
                self.event_days |= {self.day_of(row[name]) for name in EVENTS if row[name] is not None}
                if row["won_at"] is not None:
                    self.won_days.add(row["day"])

    def note_touched(self, connection: Connection, leads: Collection[str]) -> None:
        """Note the days of won leads that have new touches."""
        for fact in lead_facts.of_leads(connection, sorted(leads)).values():
            if fact["won_at"] is not None:
                self.won_days.add(fact["day"])
                self.event_days.add(self.day_of(fact["won_at"]))

    def day_of(self, moment: str) -> str:
        """Return the day of a stored time in the zone of the report."""
        return str(datetime.fromisoformat(moment).astimezone(self.zone).date())


def in_lists(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield sorted items in lists of a size.

    Examples
    --------
    >>> list(in_lists("cab", 2))
    [['a', 'b'], ['c']]
    """
    ordered = sorted(items)
    for begin in range(0, len(ordered), size):
        yield ordered[begin : begin + size]

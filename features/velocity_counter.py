"""Velocity counter: counts distinct other people with the same velocity keys in time windows, in memory.

The only definition of these counts. The service calls it for each lead, training runs it over the history in
order of time, and the Redis script (`serving/velocity/velocity.lua`) is tested to give the same counts.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from operator import itemgetter

from features.feature_group import NAN
from features.velocity_keys import DAY, DOMAIN_AGE, MAX_COUNT, REMEMBERED_DAYS, WINDOWS, VelocityKeys

MAX_KEYS = 500_000
"""Keys stored per kind; the least recently used one is removed first."""


@dataclass
class _Seen:
    """People seen with one key and their latest time, the most recent one last."""

    people: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def others(self, person: str, since: float) -> int:
        count = 0
        for other in reversed(self.people):
            if self.people[other] <= since:
                break
            count += other != person
            if count >= MAX_COUNT:
                break
        return count

    def add(self, person: str, at: float, oldest: float) -> None:
        if at >= self.people.get(person, at):
            newest = next(reversed(self.people.values()), at)
            self.people[person] = at
            self.people.move_to_end(person)
            if at < newest:  # leads may arrive out of order
                self.people = OrderedDict(sorted(self.people.items(), key=itemgetter(1)))
        while self.people and next(iter(self.people.values())) <= oldest:
            self.people.popitem(last=False)


class VelocityCounter:
    """Counts of the last 30 days per velocity key, and the first lead of each mail domain.

    Not thread-safe. A lead that arrives out of order is counted as of its own time, among the leads observed so far.

    Examples
    --------
    >>> from features.velocity_keys import keys_of
    >>> counter = VelocityCounter()
    >>> leads = [{"email": f"{name}@acme.example", "ip": "203.0.113.7"} for name in ("ada", "bob", "ada")]
    >>> [counter.observe(keys_of(lead), 60.0 * at)["recent_ip_10m"] for at, lead in enumerate(leads)]
    [0.0, 1.0, 1.0]
    """

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, _Seen]] = {kind: OrderedDict() for kind in WINDOWS}
        self._domains: OrderedDict[str, float] = OrderedDict()

    def observe(self, keys: VelocityKeys, at: float) -> dict[str, float]:
        """Return the velocity counts of a lead by field, then add the lead.

        Parameters
        ----------
        keys
            Velocity keys of the lead.
        at
            Time of the lead in seconds since 1970.

        Returns
        -------
        Field of the lead -> number of other people in its window, or days; nan where the lead lacks the key.
        """
        counts = dict.fromkeys((field for windows in WINDOWS.values() for field in windows), NAN)
        for kind, key in keys.of.items():
            windows = WINDOWS[kind]
            stored = self._seen[kind]
            seen = stored.get(key)
            if seen is None:
                seen = stored[key] = _Seen()
                if len(stored) > MAX_KEYS:
                    stored.popitem(last=False)
            else:
                stored.move_to_end(key)
            for name, seconds in windows.items():
                counts[name] = float(seen.others(keys.person, at - seconds))
            seen.add(keys.person, at, at - max(windows.values()))
        counts[DOMAIN_AGE] = self._age(keys.domain, at)
        return counts

    def _age(self, domain: str | None, at: float) -> float:
        if domain is None:
            return NAN
        first = self._domains.get(domain)
        if first is None or at - first > REMEMBERED_DAYS * DAY:
            self._domains[domain] = first = at
            if len(self._domains) > MAX_KEYS:
                self._domains.popitem(last=False)
        return max(at - first, 0.0) / DAY

"""Count, lead by lead, the other people seen before with the same keys (`features.history`).

The one definition of these counts: the service asks it for each lead, training runs it over the history in
order of time, and the Redis script (`serving/velocity/velocity.lua`) does the same.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from operator import itemgetter

from features.base import NAN
from features.history import DAY, DOMAIN_AGE, MOST, REMEMBERED_DAYS, WINDOWS, Keys

MOST_KEYS = 500_000
"""Keys of one kind that are remembered; the one not seen for longest goes first."""


@dataclass
class _Seen:
    """Who was seen with one key, latest last."""

    people: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def others(self, person: str, since: float) -> int:
        count = 0
        for other in reversed(self.people):
            if self.people[other] <= since:
                break
            count += other != person
            if count >= MOST:
                break
        return count

    def add(self, person: str, at: float, oldest: float) -> None:
        if at >= self.people.get(person, at):
            newest = next(reversed(self.people.values()), at)
            self.people[person] = at
            self.people.move_to_end(person)
            if at < newest:  # came late
                self.people = OrderedDict(sorted(self.people.items(), key=itemgetter(1)))
        while self.people and next(iter(self.people.values())) <= oldest:
            self.people.popitem(last=False)


class Counter:
    """Remembers the leads of the last 30 days, and since when each mail domain is known.

    Not safe for several threads at once. A lead that comes with an earlier time than one before it is
    counted as of its own time, among those already known.

    Examples
    --------
    >>> from features.history import keys_of
    >>> counter = Counter()
    >>> leads = [{"email": f"{name}@acme.example", "ip": "203.0.113.7"} for name in ("ada", "bob", "ada")]
    >>> [counter.observe(keys_of(lead), 60.0 * at)["recent_ip_10m"] for at, lead in enumerate(leads)]
    [0.0, 1.0, 1.0]
    """

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, _Seen]] = {kind: OrderedDict() for kind in WINDOWS}
        self._domains: OrderedDict[str, float] = OrderedDict()

    def observe(self, keys: Keys, at: float) -> dict[str, float]:
        """Return the counts of a lead by field, then remember the lead.

        Parameters
        ----------
        keys
            Of the lead.
        at
            When it came, in seconds since 1970.

        Returns
        -------
        Field of the lead -> other people in its window, or days; nan where the lead has no such key.
        """
        counts = dict.fromkeys((field for windows in WINDOWS.values() for field in windows), NAN)
        for kind, key in keys.of.items():
            windows, known = WINDOWS[kind], self._seen[kind]
            seen = known.get(key)
            if seen is None:
                seen = known[key] = _Seen()
                if len(known) > MOST_KEYS:
                    known.popitem(last=False)
            else:
                known.move_to_end(key)
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
            if len(self._domains) > MOST_KEYS:
                self._domains.popitem(last=False)
        return max(at - first, 0.0) / DAY

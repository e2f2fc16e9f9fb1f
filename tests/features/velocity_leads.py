"""Velocity leads for tests, and the definition of their counts written out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from features.velocity_keys import DOMAIN, DOMAIN_AGE, KINDS, WINDOWS, VelocityKeys
from leadworth.velocity_retention import REMEMBERED_DAYS

MINUTE = 60_000_000
DAY = 86_400_000_000


@dataclass(frozen=True)
class VelocityLead:
    """A lead, as velocity sees it."""

    keys: VelocityKeys
    at: int


def keys(person: int, **of: int) -> VelocityKeys:
    """Return velocity keys of the kinds given."""
    return VelocityKeys(person, tuple(of.get(kind, 0) for kind in KINDS))


def _leads(*days: int) -> st.SearchStrategy[list[VelocityLead]]:
    """Return leads on some days; windows of each length have leads at, just before and just after their ends."""
    times = st.builds(
        lambda day, minutes, micros: day * DAY + minutes * MINUTE + micros,
        st.sampled_from(days),
        st.sampled_from([0, 1, 9, 10, 11, 700, 1_439]),
        st.sampled_from([0, 0, 1]),
    )
    of = {kind: st.sampled_from([0, 2 * number + 1, 2 * number + 2]) for number, kind in enumerate(KINDS)}
    build = st.builds(
        lambda person, of, at: VelocityLead(keys(person, **of), at), st.integers(1, 5), st.fixed_dictionaries(of), times
    )
    return st.lists(build, max_size=25)


LEADS = _leads(0, 1, 2, 29, 30, 31, 60, 150, 180, 181, 200)
RECENT_LEADS = _leads(0, 1, 2, 29, 30, 31, 59, 60, 61, 89)
"""Leads within the retention"""


def defined_counts(lead: VelocityLead, known: Sequence[VelocityLead]) -> dict[str, float]:
    """Return the counts of a lead among the leads known, by their definition."""
    counts: dict[str, float] = {}
    for kind, key in zip(KINDS, lead.keys.of, strict=True):
        for field, seconds in WINDOWS[kind].items():
            since = lead.at - int(seconds * 1_000_000)
            others = {o.keys.person for o in known if key in o.keys.of and since < o.at < lead.at}
            counts[field] = float(len(others - {lead.keys.person})) if key else math.nan
    domain = lead.keys.of[DOMAIN]
    first_day = lead.at // DAY - REMEMBERED_DAYS
    seen = [o.at for o in known if o.keys.of[DOMAIN] == domain and first_day <= o.at // DAY and o.at < lead.at]
    counts[DOMAIN_AGE] = (lead.at - min([*seen, lead.at])) / DAY if domain else math.nan
    return counts

"""Steps between the series of the funnel, and the step at which a funnel broke."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.page.page_model import Message

SERIES = ("impressions", "clicks", "sessions", "leads", "mql", "sql", "quoted", "won")
"""Series of the funnel, in order."""
STEP_NAMES: Mapping[tuple[str, str], Message] = {
    ("impressions", "clicks"): Message("advertisement to click"),
    ("clicks", "sessions"): Message("click to landing page"),
    ("sessions", "leads"): Message("landing page to form"),
    ("leads", "mql"): Message("form to MQL"),
    ("mql", "sql"): Message("hand-over to sales"),
    ("sql", "quoted"): Message("sales talk to quote"),
    ("quoted", "won"): Message("quote to close"),
}
"""Two series that follow each other -> name of the step between them."""


def broken_step(
    leading: str, follower: str, before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[str, str]:
    """Return the step between two series whose conversion fell most, as two series that follow each other.

    Parameters
    ----------
    leading, follower
        Two of `SERIES`, in order.
    before, after
        Counts of each series before and since the change; series without both are left out.

    Examples
    --------
    >>> STEP_NAMES[broken_step("sessions", "leads", {}, {})].text
    'landing page to form'
    >>> before, after = {"sessions": 1_000, "leads": 50, "mql": 25}, {"sessions": 1_400, "leads": 28, "mql": 15}
    >>> broken_step("sessions", "mql", before, after)
    ('sessions', 'leads')
    """
    first, last = SERIES.index(leading), SERIES.index(follower)
    if last <= first:
        raise ValueError(f"{follower} does not come after {leading} in {', '.join(SERIES)}")
    steps = [(SERIES[place], SERIES[place + 1]) for place in range(first, last)]
    kept = {
        step: (after[step[1]] / after[step[0]]) / (before[step[1]] / before[step[0]])
        for step in steps
        if all(counts.get(name, 0) > 0 for counts in (before, after) for name in step)
    }
    return min(kept, key=kept.__getitem__) if kept else steps[0]

"""Channels that bring much more junk than the others: what the row of a channel says of it."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.page.page_model import Message, Quantity, Unit
from reporting.statistics.share_interval import share_interval
from reporting.views.metric_inputs import ScopeSums

LEAST_SHARE = 0.2
"""Share of junk below which a row says nothing of it: some is usual in every channel."""


def junk_notes(channels: Mapping[str, ScopeSums]) -> dict[str, Message]:
    """Return the notes of the channels whose share of junk is certainly above 20 % and above that of all others.

    Parameters
    ----------
    channels
        Sums of all channels by name.

    Examples
    --------
    >>> display = ScopeSums({"scored": 400, "junk": 180})
    >>> list(junk_notes({"Display": display, "Paid Search": ScopeSums({"scored": 900, "junk": 40})}))
    ['Display']
    """
    scored = {name: part.leads.get("scored", 0) for name, part in channels.items()}
    junk = {name: part.leads.get("junk", 0) for name, part in channels.items()}
    all_scored, all_junk = sum(scored.values()), sum(junk.values())
    notes = {}
    for name, count in junk.items():
        others = all_scored - scored[name]
        bar = max(LEAST_SHARE, (all_junk - count) / others if others else 0.0)
        if scored[name] and share_interval(count, scored[name])[0] > bar:
            share = Quantity(count / scored[name], Unit.SHARE)
            notes[name] = Message("{share} of its leads are junk", {"share": share})
    return notes

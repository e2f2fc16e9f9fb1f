"""Replays: a simulated business, and the days on which its page is looked at."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from pydantic import Field

from leadworth.errors import InputError
from simulation.channels import DAYS_PER_MONTH
from simulation.parameters import Part, data
from simulation.world import DEFAULT_END


class ReplayView(Part):
    """One look at the page; see `data/replays.toml`."""

    file: str
    title: str
    days: int
    query: str
    look: str
    scenario: str | None = None
    train_days_before: int | None = Field(None, ge=0)

    @property
    def day(self) -> date:
        """Day of the page: it knows what came before its first second."""
        return DEFAULT_END + timedelta(days=self.days)

    @property
    def exported_days(self) -> int:
        """Days from the first export to the export that the page reads."""
        return max(self.days, 0)


class Replay(Part):
    """A simulated business.

    Examples
    --------
    >>> replay = replays()["cheap-lead"]
    >>> replay.simulate_options(replay.views[0], seed=7)[-6:]
    ['--end', '2026-10-01', '--months', '18.0', '--new-days', '355']
    >>> [replay.simulate_options(view, seed=7)[-1] for view in replay.views]
    ['355', '0']
    """

    title: str
    scenario: str
    leads: int
    months: float
    views: tuple[ReplayView, ...] = Field(min_length=1)

    def simulate_options(self, view: ReplayView, seed: int) -> list[str]:
        """Return the options of `leadworth simulate` for the export that a view reads.

        Later exports are of the same leads: the days that were new become days of the history.
        """
        last = max(view.exported_days for view in self.views)
        values = {
            "scenario": view.scenario or self.scenario,
            "leads": self.leads,
            "seed": seed,
            "end": DEFAULT_END + timedelta(days=view.exported_days),
            "months": self.months + view.exported_days / DAYS_PER_MONTH,
            "new-days": last - view.exported_days,
        }
        return [part for name, value in values.items() for part in (f"--{name}", str(value))]


@cache
def replays() -> dict[str, Replay]:
    """Return the replays by name.

    Examples
    --------
    >>> sorted(replays())
    ['bots', 'cheap-lead', 'cold', 'divergence', 'fair', 'no-crm']
    """
    return {name: Replay(**content) for name, content in data("replays").items()}


def replay_of(name: str) -> Replay:
    """Return a replay.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in replays():
        raise InputError(f"there is no replay {name!r}", allowed=", ".join(replays()), do="name one of them")
    return replays()[name]

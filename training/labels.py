"""Labels of leads as of a snapshot: won, lost or open, with their delays.

A label uses nothing that happened, or became known, after the snapshot. Facts dated after it are ignored.
A fact without a date counts as known from `known_at` of its row on, else once the horizon has passed since
the submit, else from the end of the data on.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_DAY = pd.Timedelta(days=1)
_HALF_DAY = 0.5
"""A date without a time is known to half a day; without it delays of a few days would look shorter than they are."""
_FEW_DATES = 20
_FEW_LOSSES = 0.1
"""Lost per won leads up to which losses count as not recorded."""
_MANY_LATER = 0.01
"""Share of leads submitted in the future from which on the clock of this computer is wrong, and not their dates."""
CLOCK_NOISE_DAYS = 1.0
"""A win up to a day before its submit counts as the same day: many CRMs store dates without hours."""


def data_end(leads: pd.DataFrame, outcomes: pd.DataFrame) -> pd.Timestamp | None:
    """Return the latest time in the history that is not in the future, or None if nothing is dated.

    A mistyped year, or a planned date, would make every open lead look old and lost. Where more than a few leads were
    submitted in the future, the clock of this computer is wrong and the latest time of all counts.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["a"], "submitted_at": pd.to_datetime(["2026-01-01"], utc=True)})
    >>> data_end(leads, pd.DataFrame({"lead_id": []}))
    Timestamp('2026-01-01 00:00:00+0000', tz='UTC')
    """
    submitted = _column(leads, "submitted_at")
    columns = [submitted, *(outcomes[name] for name in outcomes.columns if name.endswith("_at"))]
    dated = [times for column in columns if len(times := column.dropna())]
    latest: pd.Timestamp | None = max((times.max() for times in dated), default=None)
    tomorrow = pd.Timestamp.now("UTC") + _DAY  # local times may be read as UTC
    if latest is None or latest <= tomorrow or (submitted > tomorrow).mean() > _MANY_LATER:
        return latest
    past: list[pd.Timestamp] = [times[times <= tomorrow].max() for times in dated if (times <= tomorrow).any()]
    return max(past, default=latest)


def label(
    leads: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    as_of: datetime | None,
    horizon_days: int,
) -> pd.DataFrame:
    """Label the leads that existed at the snapshot.

    Parameters
    ----------
    leads
        Lead table, one row per lead.
    outcomes
        Outcome table, at most one row per lead.
    as_of
        The snapshot, timezone-aware; None for the end of the data.
    horizon_days
        Wins later than this after the submit do not count.

    Returns
    -------
    pandas.DataFrame
        Indexed like the rows of `leads` that were submitted by the snapshot (all of them where
        nothing is dated), without those whose decision another lead had won by then, with the columns

        - `state`: "won", "lost" (closed, labelled junk, or past the horizon; where no lead is dated and none is
          closed as lost, every lead that is not won) or "open";
        - `age_days`: days from submit to snapshot, nan without a submit date;
        - `delay_days`: days from submit to the win, nan unless won with a date;
        - `closed_days`: days from submit to the loss, nan unless lost with a date;
        - `revenue`: of won leads where known, else nan;
        - `disposition`: "junk", "engaged" (also every won lead) or "unknown".

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["a", "b"], "submitted_at": pd.to_datetime(["2026-01-01"] * 2, utc=True)})
    >>> won = pd.DataFrame({"lead_id": ["a"], "won": [True], "won_at": pd.to_datetime(["2026-02-01"], utc=True)})
    >>> label(leads, won, as_of=pd.Timestamp("2026-01-15", tz="UTC"), horizon_days=365)["state"].tolist()
    ['open', 'open']
    >>> label(leads, won, as_of=pd.Timestamp("2026-03-01", tz="UTC"), horizon_days=365)["state"].tolist()
    ['won', 'open']
    """
    end = data_end(leads, outcomes)
    snapshot = pd.Timestamp(as_of) if as_of is not None else end
    submitted = _column(leads, "submitted_at")
    keep = np.ones(len(leads), dtype=bool) if snapshot is None else ~(submitted > snapshot).to_numpy()
    ids, submitted = leads.loc[keep, "lead_id"], submitted[keep]  # not all columns: a copy of their texts takes most
    facts = _Facts(ids, outcomes, submitted, snapshot, end, horizon_days)

    won, won_at = facts.known("won", "won_at")
    lost, lost_at = facts.known("lost", "lost_at")
    junk, junk_at = facts.known("junk", "junk_at")
    engaged, _ = facts.known("engaged", "engaged_at")
    other_win, _ = facts.known("other_win", "other_win_at")

    age = _days(submitted, snapshot)
    delay = _days(submitted, won_at.where(won))
    delay = delay.mask(delay < -CLOCK_NOISE_DAYS)
    if _dates_only(won_at):
        delay = (delay + _HALF_DAY).clip(upper=age)
    delay = delay.clip(lower=0.0)
    in_time = won & ~(delay > horizon_days)
    undated_past = submitted.isna()
    if undated_past.all() and losses_are_recorded(won.to_numpy(dtype=bool), lost.to_numpy(dtype=bool)):
        undated_past[:] = False
    closed = lost | junk | (won & ~in_time) | (age >= horizon_days) | undated_past
    state = pd.Series(np.select([in_time, closed], ["won", "lost"], "open"), index=ids.index)
    lost_days = _days(submitted, lost_at.where(lost).fillna(junk_at.where(junk))).clip(lower=0.0)
    return pd.DataFrame(
        {
            "state": state,
            "age_days": age.clip(lower=0.0),
            "delay_days": delay.where(in_time),
            "closed_days": lost_days.where(state.eq("lost")),
            "revenue": facts.value("revenue").where(in_time),
            "disposition": np.select([in_time | engaged, junk], ["engaged", "junk"], "unknown"),
        },
        index=ids.index,
    ).loc[~other_win]


def losses_are_recorded(won: NDArray[np.bool_], lost: NDArray[np.bool_]) -> bool:
    """Return whether lost leads are closed as lost, so that the others without an outcome are open.

    Examples
    --------
    >>> won = np.array([True, False, False])
    >>> losses_are_recorded(won, np.array([False, True, False])), losses_are_recorded(won, np.zeros(3, dtype=bool))
    (True, False)
    """
    return int(lost.sum()) > _FEW_LOSSES * int(won.sum())


class _Facts:
    """Outcomes aligned with the leads, as of the snapshot."""

    def __init__(
        self,
        ids: pd.Series,
        outcomes: pd.DataFrame,
        submitted: pd.Series,
        snapshot: pd.Timestamp | None,
        end: pd.Timestamp | None,
        horizon_days: int,
    ) -> None:
        self.rows = outcomes.set_index("lead_id").reindex(ids)
        self.index = ids.index
        self.snapshot = snapshot
        if snapshot is None or end is None or snapshot >= end:
            self.undated_known = pd.Series(True, index=self.index)
        else:
            recorded = self._times("known_at")
            past = submitted + horizon_days * _DAY <= snapshot
            self.undated_known = (recorded <= snapshot).where(recorded.notna(), past)

    def known(self, flag: str, at: str) -> tuple[pd.Series, pd.Series]:
        """Return whether a fact was known at the snapshot, and when it happened."""
        times = self._times(at)
        is_set = pd.Series(False, index=self.index)
        if flag in self.rows:
            is_set = self.value(flag).eq(1.0)
        if self.snapshot is None:
            return is_set, times
        visible = (times <= self.snapshot).where(times.notna(), self.undated_known)
        return is_set & visible.astype(bool), times

    def value(self, name: str) -> pd.Series:
        """Return a numeric column aligned with the leads; nan where absent."""
        if name not in self.rows:
            return pd.Series(np.nan, index=self.index)
        return pd.Series(self.rows[name].to_numpy(dtype="float64", na_value=np.nan), index=self.index)

    def _times(self, name: str) -> pd.Series:
        return _column(self.rows.set_axis(self.index), name)


def _dates_only(times: pd.Series) -> bool:
    """Return whether the times are dates without hours: one time of day, two where the clocks change."""
    dated = times.dropna()
    return len(dated) >= _FEW_DATES and dated.dt.time.nunique() <= 2


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name in table:
        return table[name].astype("datetime64[us, UTC]")
    return pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")


def _days(start: pd.Series, end: pd.Series | pd.Timestamp | None) -> pd.Series:
    if end is None:
        return pd.Series(np.nan, index=start.index)
    days: pd.Series = (end - start).dt.total_seconds() / 86_400.0
    return days

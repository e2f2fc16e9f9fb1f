"""Response times of sales: from submit to the first contact by a person, with untouched leads counted as open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector
from reporting.statistics.kaplan_meier import MEDIAN, P75, kaplan_meier, kaplan_meier_of_bins
from reporting.statistics.log_bins import EDGE_MINUTES, counts_under


@dataclass(frozen=True)
class ResponseTimes:
    """Response times of leads.

    Attributes
    ----------
    leads, untouched
        All leads, and those without a contact.
    median_minutes, p75_minutes
        Time after which a half and three quarters are touched; None where that is not reached.
    within_5
        Share of all leads that were touched within five minutes; None without leads.
    """

    leads: int
    untouched: int
    median_minutes: float | None
    p75_minutes: float | None
    within_5: float | None


def response_times(minutes: Vector, touched: Flags) -> ResponseTimes:
    """Return the response times of leads.

    Parameters
    ----------
    minutes
        Minutes to the first contact, or since submit for an untouched lead, shape (n,).
    touched
        Shape (n,).

    Examples
    --------
    >>> response_times(np.array([2.0, 60.0, 600.0, 900.0]), np.array([True, True, False, False]))
    ResponseTimes(leads=4, untouched=2, median_minutes=60.0, p75_minutes=None, within_5=0.25)
    """
    curve = kaplan_meier(minutes, touched)
    leads = len(minutes)
    fast = int((touched & (np.asarray(minutes) < EDGE_MINUTES)).sum())
    return ResponseTimes(
        leads=leads,
        untouched=leads - int(touched.sum()),
        median_minutes=curve.first_time_at(MEDIAN),
        p75_minutes=curve.first_time_at(P75),
        within_5=fast / leads if leads else None,
    )


def response_times_of_bins(touched: Mapping[int, int], untouched: Mapping[int, int]) -> ResponseTimes:
    """Return the response times from counts of logarithmic bins; medians are off by at most 7 %.

    Parameters
    ----------
    touched, untouched
        Bin of the response time, or of the age -> leads.

    Examples
    --------
    >>> response_times_of_bins({-10: 1, 36: 1}, {70: 1, 75: 1}).within_5
    0.25
    """
    curve = kaplan_meier_of_bins(touched, untouched)
    waiting = sum(untouched.values())
    leads = sum(touched.values()) + waiting
    return ResponseTimes(
        leads=leads,
        untouched=waiting,
        median_minutes=curve.first_time_at(MEDIAN),
        p75_minutes=curve.first_time_at(P75),
        within_5=counts_under(EDGE_MINUTES, touched) / leads if leads else None,
    )

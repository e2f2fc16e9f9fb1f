"""Decision units: leads that stand for the same purchase, and their expected value together.

Several leads of one company are one account. Its deal is won once: another lead raises the probability of that, and
never doubles the money.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.mail_address import read_address
from features.velocity_keys import phone_key
from leadworth.arrays import Flags, Indices, Vector

MOST_OF_A_PERSON = 20
"""Leads with one e-mail address or phone above which it identifies nobody, such as a switchboard."""


def decision_units(leads: pd.DataFrame, accounts: Sequence[str | None] | None = None) -> Indices:
    """Return the number of the decision unit of each lead, shape (n,).

    An account of the CRM is a unit. A lead without one joins the leads that share its e-mail address, then its phone,
    then the registrable domain of a business address. Where these belong to several accounts, the leads without an
    account are a unit of their own.

    Parameters
    ----------
    leads
        Lead table with `email`, `phone` and `country` where they are known.
    accounts
        Account of each lead in the CRM, merged ones replaced by the survivor; None or empty where it has none.

    Examples
    --------
    >>> leads = pd.DataFrame({"email": ["ada@acme.example", "bob@acme.example", "ada@gmail.com", "eve@gmail.com"]})
    >>> decision_units(leads).tolist()
    [0, 0, 1, 2]
    >>> decision_units(leads, ["7", None, "7", "8"]).tolist()
    [0, 0, 0, 1]
    """
    given = [None] * len(leads) if accounts is None else list(accounts)
    emails = _texts(leads, "email")
    phones = zip(_texts(leads, "phone"), _texts(leads, "country"), strict=True)
    persons = ([email and email.casefold() for email in emails], [phone_key(*phone) for phone in phones])
    groups = _Groups(len(leads))
    for account, rows in _rows_by(given).items():
        groups.name(groups.join(rows), account)
    for identities in persons:
        for rows in _rows_by(identities).values():
            if len(rows) <= MOST_OF_A_PERSON:
                groups.join_unless_accounts_differ(rows)
    for rows in _rows_by([email and read_address(email).own_domain for email in emails]).values():
        groups.join_unless_accounts_differ(rows)
    roots = np.array([groups.root(row) for row in range(len(leads))], dtype=np.int64)
    return np.asarray(pd.factorize(roots)[0], dtype=np.int64)


def unit_factors(units: Indices, win_probability: Vector) -> Vector:
    """Return the factor of each open lead's predicted value, so that the sum of a unit is that of one decision.

    The unit is won with probability 1 - product of (1 - p); the factor is that over the sum of p, so a lead alone
    keeps its value.

    Parameters
    ----------
    units
        Decision unit of each open lead, shape (n,).
    win_probability
        Shape (n,).

    Examples
    --------
    >>> seven = unit_factors(np.zeros(7, dtype=np.int64), np.full(7, 0.1))
    >>> round(float((seven * 0.1 * 20_000).sum()))
    10434
    >>> unit_factors(np.array([0, 1]), np.array([0.3, 0.0])).tolist()
    [1.0, 1.0]
    """
    if not len(units):
        return np.ones(0)
    size = int(units.max()) + 1
    counts = np.bincount(units, minlength=size)
    total = np.bincount(units, weights=win_probability, minlength=size)
    with np.errstate(divide="ignore"):
        log_none = np.bincount(units, weights=np.log1p(-win_probability), minlength=size)
    won_once = -np.expm1(log_none)
    factors = np.divide(won_once, total, out=np.ones(size), where=(total > 0) & (counts > 1))
    return np.asarray(factors[units], dtype=np.float64)


def same_decision_as_a_win(units: Indices, won: Flags, submitted_at: pd.Series, won_at: pd.Series) -> Flags:
    """Return the leads that are neither won nor lost, because another lead of their unit carries the win.

    These are the leads of a unit with a win that are not won themselves and were submitted before it; a lead
    submitted later is a decision of its own.

    Parameters
    ----------
    units
        Decision unit of each lead, shape (n,).
    won
        Which leads carry a win, shape (n,).
    submitted_at, won_at
        Times; a win without one counts for all leads of its unit.

    Examples
    --------
    >>> times = pd.Series(pd.to_datetime(["2026-01-01", "2026-01-05", "2026-06-01"], utc=True))
    >>> won_at = pd.Series(pd.to_datetime(["2026-02-01", None, None], utc=True))
    >>> same_decision_as_a_win(np.zeros(3, dtype=np.int64), np.array([True, False, False]), times, won_at).tolist()
    [False, True, False]
    """
    won_times = won_at.where(won).reset_index(drop=True)
    latest = won_times.groupby(units).transform("max")
    undated = pd.Series(won & won_at.isna().to_numpy()).groupby(units).transform("any")
    before = submitted_at.reset_index(drop=True).isna() | (submitted_at.reset_index(drop=True) <= latest) | undated
    has_win = pd.Series(won).groupby(units).transform("any")
    return np.asarray((has_win & before & ~pd.Series(won)).to_numpy(dtype=bool))


class _Groups:
    """Disjoint sets of rows, each of which may belong to an account."""

    def __init__(self, rows: int) -> None:
        self._parents = list(range(rows))
        self._accounts: dict[int, str] = {}

    def root(self, row: int) -> int:
        while self._parents[row] != row:
            self._parents[row] = self._parents[self._parents[row]]
            row = self._parents[row]
        return row

    def account(self, row: int) -> str | None:
        return self._accounts.get(self.root(row))

    def name(self, root: int, account: str) -> None:
        self._accounts[root] = account

    def join_unless_accounts_differ(self, rows: Sequence[int]) -> None:
        """Join the sets of rows; where they belong to several accounts, only those of none."""
        accounts = {self.account(row) for row in rows} - {None}
        self.join(rows if len(accounts) <= 1 else [row for row in rows if self.account(row) is None])

    def join(self, rows: Sequence[int]) -> int:
        """Join the sets of rows, of which at most one account is named, and return the first of the set."""
        roots = sorted({self.root(row) for row in rows})
        if not roots:
            return 0
        account = next((found for root in roots if (found := self._accounts.get(root)) is not None), None)
        for root in roots[1:]:
            self._parents[root] = roots[0]
        if account is not None:
            self._accounts[roots[0]] = account
        return roots[0]


def _rows_by(values: Sequence[str | None]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value:
            rows.setdefault(value, []).append(row)
    return rows


def _texts(leads: pd.DataFrame, name: str) -> list[str | None]:
    if name not in leads:
        return [None] * len(leads)
    return [value if isinstance(value, str) and value else None for value in leads[name]]

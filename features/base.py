"""The contract of a feature group: a pure function over a few fields of a lead.

A group is evaluated one lead at a time, or once per distinct combination of its inputs in a table;
both run the same function, so both give the same number. Inputs are clean (see `leadworth.values`):
text is trimmed and not empty, numbers are finite, moments are UTC; whatever is missing is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Cell = float | str | None
Compute = Callable[..., tuple[Cell, ...]]
Kind = Literal["numeric", "categorical", "text"]

NAN = math.nan
LONGEST_TEXT = 5_000
LONGEST_KEY = 100


@dataclass(frozen=True)
class Feature:
    """One number that a group gives.

    Parameters
    ----------
    name
        Prefixed by the group, such as ``email_free``.
    kind
        ``flag`` is 1 or 0, ``number`` is a number, ``category`` is a text that becomes a learned code.
    label
        The quantity in words; stands in a reason where no sentence is given.
    yes, no
        Sentences for a flag that is 1 and 0. For a number, `yes` is a template with ``{}``.
    unit
        Unit of a number: ``n``, ``share``, ``ln(1 + s)``.
    monotone
        +1 or -1 where the win probability must not fall or rise with it; 0 elsewhere.
    junk
        The same for the junk probability: +1 where more of it never makes a lead less suspect.
    keep_with
        Kept in the spec wherever one of these fields is, though it be constant in training.
    use
        Models that learn from it: ``all``, or ``junk`` for the junk model and the scorecards alone.
    """

    name: str
    kind: Literal["flag", "number", "category"]
    label: str
    yes: str = ""
    no: str = ""
    unit: str = ""
    monotone: Literal[-1, 0, 1] = 0
    junk: Literal[-1, 0, 1] = 0
    keep_with: tuple[str, ...] = ()
    use: Literal["all", "junk"] = "all"

    def describe(self, value: float, category: str | None = None) -> str:
        """Return a value in plain words.

        Examples
        --------
        >>> Feature("form_seconds_log", "number", "Time", "Sent after {} s", unit="ln(1 + s)").describe(1.0986)
        'Sent after 2 s'
        >>> Feature("profile_budget_log", "number", "Budget", "Budget of {}", unit="ln(1 + EUR)").describe(11.002117)
        'Budget of 60,000'
        >>> Feature("campaign_source", "category", "Source").describe(0.0, "google")
        'Source: google'
        """
        if self.kind == "category" and category is not None:
            return f"{self.label}: {category}"
        if value != value:  # noqa: PLR0124 - nan differs from itself
            return f"{self.label}: not known"
        if self.kind == "flag":
            return (self.yes if value else self.no) or f"{self.label}: {'yes' if value else 'no'}"
        amount = math.expm1(value) if self.unit.startswith("ln(1 + ") and value < 700 else value
        shown = f"{amount:,.0f}" if 1e4 <= abs(amount) < 1e12 else f"{amount:.4g}"
        return self.yes.format(shown) if self.yes else f"{self.label}: {shown}"


@dataclass(frozen=True)
class Group:
    """Some features that are computed together.

    Parameters
    ----------
    name
        Of the group.
    inputs
        Fields of `leadworth.records.Lead`, in the order of the arguments of `compute`.
    features
        What `compute` returns, in order.
    compute
        The definition. Never raises; nan (None for a category) is missing.
    version
        Raised when the definition changes: a spec that was fitted with another one is refused.
    """

    name: str
    inputs: tuple[str, ...]
    features: tuple[Feature, ...]
    compute: Compute
    version: int = 1


def key(value: str | None) -> str | None:
    """Return a text as categories are compared: without case and with single spaces.

    Examples
    --------
    >>> key(" Paid   Search"), key(None)
    ('paid search', None)
    """
    if value is None:
        return None
    return " ".join(value[: 2 * LONGEST_KEY].casefold().split())[:LONGEST_KEY] or None


def truth(value: object) -> float:
    """Return 1.0 or 0.0."""
    return 1.0 if value else 0.0

"""Feature group: features that one pure function computes from a few fields of a lead.

A group is evaluated once per lead, or once per distinct combination of its inputs in a table. Both use
the same function, so both give the same values. Inputs are clean (see `leadworth.readers`): text is
trimmed and not empty, numbers are finite, timestamps are UTC; missing is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector

Cell = float | str | None
Compute = Callable[..., tuple[Cell, ...]]
Kind = Literal["numeric", "categorical", "text"]
Need = Literal["lead", "collector", "velocity", "account"]
"""What a feature needs: the fields of the lead; the collector's data on the form; earlier leads of other people; the
history of the lead's account in the CRM. Every entry point has the first; `docs/architecture.md` says who has which."""


class Words(NamedTuple):
    """Category of n leads: the distinct words, and the position of the word of each lead, shape (n,)."""

    words: Sequence[str | None]
    positions: Indices


def interleaved(inside: Flags, cells: Vector | Words, others: Sequence[Cell]) -> Vector | Words:
    """Return a feature of n leads from its cells in the rows of a mask, shape (n,), and those in the other rows.

    Examples
    --------
    >>> interleaved(np.array([True, False, True]), np.array([1.0, 3.0]), [2.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    if isinstance(cells, Words):
        positions = np.empty(len(inside), dtype=np.int64)
        positions[inside] = cells.positions
        positions[~inside] = len(cells.words) + np.arange(len(others))
        return Words([*cells.words, *(None if word is None else str(word) for word in others)], positions)
    column = np.empty(len(inside))
    column[inside] = cells
    column[~inside] = others
    return column


ComputeRows = Callable[..., Matrix | Sequence[Vector | Words]]

NAN = math.nan
LONGEST_TEXT = 5_000
LONGEST_KEY = 100


@dataclass(frozen=True)
class Feature:
    """One feature: its name, kind, description in words and constraints.

    Parameters
    ----------
    name
        Prefixed with the subject of its group, such as ``email_free``.
    kind
        ``flag`` is 1 or 0, ``number`` is a number, ``category`` is a text that is encoded as a learned code.
    label
        Name of the quantity, shown in a reason that has no sentence.
    yes, no
        Sentences for a flag that is 1 and 0. For a number, `yes` is a template with ``{}``.
    unit
        Unit of a number: ``n``, ``share``, ``ln(1 + s)``.
    monotone
        +1 or -1 where the win probability must not fall or rise with the feature; 0 elsewhere.
    junk
        The same constraint for the junk probability: with +1, a larger value never lowers it.
    keep_with
        Fields whose presence keeps the feature in a spec, even if it is constant in training.
    use
        Models that use it: ``all``, or ``junk`` for the junk model and the scorecards only.
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
            return f"{self.label}: unknown"
        if self.kind == "flag":
            return (self.yes if value else self.no) or f"{self.label}: {'yes' if value else 'no'}"
        amount = math.expm1(value) if self.unit.startswith("ln(1 + ") and value < 700 else value
        shown = f"{amount:,.0f}" if 1e4 <= abs(amount) < 1e12 else f"{amount:.4g}"
        return self.yes.format(shown) if self.yes else f"{self.label}: {shown}"


@dataclass(frozen=True)
class FeatureGroup:
    """Features that are computed together from the same inputs.

    Parameters
    ----------
    name
        Unique name. Its first part, up to ``_``, is the prefix of the features' names.
    inputs
        Fields of `leadworth.records.Lead`, in the order of the arguments of `compute`.
    features
        Features that `compute` returns, in order.
    compute
        Pure function of the inputs. Never raises; nan (None for a category) is missing.
    needs
        What the inputs come from. The win and revenue models use only features that need the lead: what the collector
        saw, a visitor can make up.
    version
        Increase when the definition changes: a spec fitted with another version is refused.
    compute_rows
        The same function of many leads: of one sequence for each input, all of length n. Returns one array or `Words`
        for each feature.
    """

    name: str
    inputs: tuple[str, ...]
    features: tuple[Feature, ...]
    compute: Compute
    needs: Need = "lead"
    version: int = 1
    compute_rows: ComputeRows | None = None


def key(value: str | None) -> str | None:
    """Return a text as a category: case-folded, with single spaces, at most 100 characters.

    Examples
    --------
    >>> key(" Paid   Search"), key(None)
    ('paid search', None)
    """
    if value is None:
        return None
    return " ".join(value[: 2 * LONGEST_KEY].casefold().split())[:LONGEST_KEY] or None


def as_category(value: str | None) -> tuple[Cell, ...]:
    """Return a text as the only category of a group."""
    return (key(value),)


def as_flag(value: bool | None) -> tuple[Cell, ...]:
    """Return a yes or no as the only flag of a group."""
    return (NAN if value is None else float(value),)


def as_log(value: float | None) -> tuple[Cell, ...]:
    """Return ln(1 + value) as the only number of a group; nan where the value is missing or negative."""
    return (NAN if value is None or value < 0 else math.log1p(value),)


def truth(value: object) -> float:
    """Return 1.0 for a true value, else 0.0."""
    return 1.0 if value else 0.0

"""Summary of the scores of a file, overall and per channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from rich.table import Table

from leadworth.console import table
from leadworth.value_unit import amount_text
from models.value_interval import ValueIntervals

CHANNEL = "source"
"""Column of the lead table by which scores are added up."""
OTHER = "other channels"
UNKNOWN = "not known"
_SHOWN = 12
_MAX_CHANNELS = 10_000
_COLUMNS = ("leads", "mql", "review", "reject", "value")


@dataclass
class ScoreSummary:
    """Counts of leads and their predicted value, per channel.

    Channels beyond the first 10,000 are added up as one, which bounds the memory for a free-text source.
    """

    channels: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0] * len(_COLUMNS)))

    def add(self, leads: pd.DataFrame, scores: pd.DataFrame) -> None:
        """Count the scores of some leads, row by row."""
        if CHANNEL in leads.columns:
            channel = leads[CHANNEL].fillna(UNKNOWN).reset_index(drop=True)
        else:
            channel = pd.Series(UNKNOWN, index=scores.index)
        verdict = scores["verdict"].astype("str")
        counted = (
            pd.DataFrame(
                {
                    "leads": 1.0,
                    "mql": scores["mql"].astype("float64"),
                    "review": verdict.eq("review").astype("float64"),
                    "reject": verdict.eq("reject").astype("float64"),
                    "value": scores["predicted_value"].astype("float64"),
                }
            )
            .groupby(channel.to_numpy(), sort=False)
            .sum()
        )
        self.merge(dict(zip(counted.index, counted.to_numpy().tolist(), strict=True)))

    def merge(self, channels: Mapping[str, Sequence[float]]) -> None:
        """Add the counts of other leads by channel."""
        for name, numbers in channels.items():
            listed = name in self.channels or len(self.channels) < _MAX_CHANNELS
            total = self.channels[name if listed else OTHER]
            total[:] = [sum(pair) for pair in zip(total, numbers, strict=True)]

    def total(self, column: str) -> float:
        """Return the total of a column: leads, mql, review, reject or value."""
        index = _COLUMNS.index(column)
        return sum(numbers[index] for numbers in self.channels.values())

    def table(self, unit: str, intervals: ValueIntervals | None = None) -> Table:
        """Return the channels by value as a table; the smallest ones are added up.

        Parameters
        ----------
        unit
            Unit of the values; empty where no currency is set.
        intervals
            Intervals of sums of values; None for a model without a backtest.
        """
        ranked = sorted(self.channels.items(), key=lambda item: (-item[1][-1], item[0]))
        shown = ranked[:_SHOWN]
        rest = ranked[_SHOWN:]
        if rest:
            sums = [sum(numbers[index] for _, numbers in rest) for index in range(len(_COLUMNS))]
            shown.append((f"{len(rest):,} more", sums))
        headers = ["channel", "leads", "MQL", "review", "reject", f"value {unit}".rstrip(), "per lead"]
        rows = [_row(name, numbers) for name, numbers in shown]
        if intervals is not None:
            headers.append("uncertain by")
            for row, (name, _) in zip(rows, shown, strict=True):
                row.append(intervals.of_channel(name).short())
        return table(headers, rows, right=headers[1:])


def _row(name: str, numbers: list[float]) -> list[str]:
    *counts, value = numbers
    return [name, *(f"{count:,.0f}" for count in counts), f"{value:,.0f}", f"{value / counts[0]:,.2f}"]


def value_text(value: float, unit: str, intervals: ValueIntervals | None) -> str:
    """Return a sum of predicted values with its interval.

    Examples
    --------
    >>> factors = {"low": 0.8, "high": 1.25}
    >>> value_text(1000.0, "EUR", ValueIntervals.model_validate({"total": factors, "other": factors}))
    '1,000 EUR (90 %: 800 to 1,250)'
    >>> value_text(1000.0, "EUR", None)
    '1,000 EUR'
    """
    text = amount_text(value, unit)
    if intervals is None:
        return text
    low, high = intervals.total.of(value)
    return f"{text} (90 %: {low:,.0f} to {high:,.0f})"

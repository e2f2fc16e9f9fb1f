"""Summary of the scores of a file, overall and per channel."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pandas as pd
from rich.table import Table

from leadworth.console import table

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
        if "source" in leads.columns:
            channel = leads["source"].fillna(UNKNOWN).reset_index(drop=True)
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
        for name, numbers in zip(counted.index, counted.to_numpy().tolist(), strict=True):
            listed = name in self.channels or len(self.channels) < _MAX_CHANNELS
            total = self.channels[name if listed else OTHER]
            total[:] = [sum(pair) for pair in zip(total, numbers, strict=True)]

    def total(self, column: str) -> float:
        """Return the total of a column: leads, mql, review, reject or value."""
        index = _COLUMNS.index(column)
        return sum(numbers[index] for numbers in self.channels.values())

    def table(self, currency: str) -> Table:
        """Return the channels by value as a table; the smallest ones are added up."""
        ranked = sorted(self.channels.items(), key=lambda item: (-item[1][-1], item[0]))
        shown = ranked[:_SHOWN]
        rest = ranked[_SHOWN:]
        if rest:
            sums = [sum(numbers[index] for _, numbers in rest) for index in range(len(_COLUMNS))]
            shown.append((f"{len(rest):,} more", sums))
        headers = ("channel", "leads", "MQL", "review", "reject", f"value {currency}", "per lead")
        return table(headers, [_row(name, numbers) for name, numbers in shown], right=headers[1:])


def _row(name: str, numbers: list[float]) -> list[str]:
    *counts, value = numbers
    return [name, *(f"{count:,.0f}" for count in counts), f"{value:,.0f}", f"{value / counts[0]:,.2f}"]

"""The picture of a comparison: revenue per unit of spend over the months of the run, by signal and scenario."""

from __future__ import annotations

from pathlib import Path

import altair
import pandas as pd

from simulation.auction.signal_registry import PRODUCT_SIGNALS, REFERENCE

_HEIGHT = 300
_WIDTHS = {1: 640, 2: 380, 3: 280}
"""Width of one panel in pixels, by the number of panels."""
_COLUMN = "expected revenue per unit of spend"


def draw_months(months: pd.DataFrame, path: Path) -> None:
    """Write the picture as SVG: one panel a scenario, one line a signal, those of leadworth thicker.

    With perfect knowledge among the signals, the lines are in units of its value in the same month and scenario, which
    takes out season and luck that all signals share.

    Parameters
    ----------
    months
        Columns `scenario`, `signal`, `month` and `value_per_spend`.
    """
    shown, title = _of_reference(months)
    order = shown.groupby("signal")[_COLUMN].mean().sort_values(ascending=False).index.tolist()
    panels = shown["scenario"].unique().tolist()
    own = altair.FieldOneOfPredicate(field="signal", oneOf=list(PRODUCT_SIGNALS))
    lines = (
        altair.Chart(shown)
        .mark_line()
        .encode(
            x=altair.X("month:Q", title="month of the run", scale={"nice": False}),
            y=altair.Y(f"{_COLUMN}:Q", title=title, scale={"zero": False}),
            color=altair.Color("signal:N", title="signal", sort=order, scale={"scheme": "category10"}),
            strokeWidth=altair.condition(own, altair.value(3.5), altair.value(1.5)),
            column=altair.Column("scenario:N", title=None, sort=panels),
        )
        .properties(width=_WIDTHS.get(len(panels), min(_WIDTHS.values())), height=_HEIGHT)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    lines.save(str(path), format="svg")


def _of_reference(months: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the lines with the values to draw, and what they are."""
    known = months[months["signal"] == REFERENCE].set_index(["scenario", "month"])["value_per_spend"]
    if known.empty:
        return months.rename(columns={"value_per_spend": _COLUMN}), _COLUMN
    reference = known.reindex(pd.MultiIndex.from_frame(months[["scenario", "month"]])).to_numpy()
    return months.assign(**{_COLUMN: months["value_per_spend"] / reference}), f"{_COLUMN}, of {REFERENCE}"

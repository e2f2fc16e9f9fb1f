"""The picture of a comparison: revenue per unit of spend over the months of the run, by signal."""

from __future__ import annotations

from pathlib import Path

import altair
import pandas as pd

_WIDTH, _HEIGHT = 640, 360


def draw_months(months: pd.DataFrame, path: Path) -> None:
    """Write the picture as SVG.

    Parameters
    ----------
    months
        Columns `signal`, `month` and `value_per_spend`.
    """
    order = months.groupby("signal")["value_per_spend"].mean().sort_values(ascending=False).index.tolist()
    lines = (
        altair.Chart(months)
        .mark_line()
        .encode(
            x=altair.X("month:Q", title="month of the run"),
            y=altair.Y("value_per_spend:Q", title="expected revenue per unit of spend", scale={"zero": False}),
            color=altair.Color("signal:N", title="signal", sort=order, scale={"scheme": "category20"}),
            strokeDash=altair.StrokeDash("signal:N", sort=order, legend=None),
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    lines.save(str(path), format="svg")

"""Charts of the model card as SVG text, rendered without a browser."""

from __future__ import annotations

import altair as alt
import pandas as pd
import vl_convert

PREDICTED = "#1f6f8b"
ACTUAL = "#e07a2f"
FAINT = "#9aa5ad"
WIDTH = 460
HEIGHT = 260


def svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> str:
    """Render a chart to SVG text."""
    styled = chart.configure_view(strokeWidth=0).configure_axis(grid=True, gridColor="#eceff1", labelLimit=220)
    return str(vl_convert.vegalite_to_svg(styled.to_json()))


def calibration(deciles: pd.DataFrame) -> str:
    """Draw predicted against actual win rate per decile of predicted value.

    Parameters
    ----------
    deciles
        Columns leads, wins, predicted_wins.

    Examples
    --------
    >>> table = pd.DataFrame({"leads": [10, 10], "wins": [5, 1], "predicted_wins": [4.0, 2.0]})
    >>> calibration(table).startswith("<svg")
    True
    """
    rates = pd.DataFrame(
        {
            "predicted": deciles["predicted_wins"] / deciles["leads"],
            "actual": deciles["wins"] / deciles["leads"],
            "leads": deciles["leads"],
        }
    )
    error = 1.96 * (rates["actual"] * (1 - rates["actual"]) / rates["leads"]) ** 0.5
    rates["low"] = (rates["actual"] - error).clip(lower=0)
    rates["high"] = rates["actual"] + error
    top = float(rates[["predicted", "high"]].max().max())
    line = alt.Chart(pd.DataFrame({"x": [0.0, top], "y": [0.0, top]}))
    diagonal = line.mark_line(color=FAINT, strokeDash=[4, 4]).encode(x="x:Q", y="y:Q")
    base = alt.Chart(rates, title="Win rate: predicted and actual, by decile of value", width=WIDTH, height=HEIGHT)
    x = alt.X("predicted:Q", title="predicted win rate", axis=alt.Axis(format=".0%"))
    bars = base.mark_rule(color=ACTUAL).encode(x=x, y="low:Q", y2="high:Q")
    points = base.mark_circle(size=70, color=ACTUAL, opacity=1).encode(
        x=x, y=alt.Y("actual:Q", title="actual win rate", axis=alt.Axis(format=".0%"))
    )
    return svg(alt.layer(diagonal, bars, points))


def money_by(groups: pd.DataFrame, title: str, currency: str) -> str:
    """Draw bars of predicted and actual money for each group, in the order of the table.

    Parameters
    ----------
    groups
        Columns group, predicted_money, money.
    title
        Title of the chart.
    currency
        Label of the money axis: a currency code, or "wins".

    Examples
    --------
    >>> table = pd.DataFrame({"group": ["search"], "predicted_money": [9.0], "money": [10.0]})
    >>> "search" in money_by(table, "Channels", "EUR")
    True
    """
    order = [str(group) for group in groups["group"]]
    long = groups.assign(group=groups["group"].astype(str), predicted=groups["predicted_money"], actual=groups["money"])
    long = long.melt(id_vars="group", value_vars=["predicted", "actual"], var_name="kind", value_name="amount")
    color = alt.Color("kind:N", title=None, scale=alt.Scale(domain=["predicted", "actual"], range=[PREDICTED, ACTUAL]))
    return svg(
        alt.Chart(long, title=title, width=WIDTH, height=max(HEIGHT, 26 * len(order)))
        .mark_bar()
        .encode(
            y=alt.Y("group:N", sort=order, title=None),
            yOffset=alt.YOffset("kind:N", sort=["predicted", "actual"]),
            x=alt.X("amount:Q", title=currency, axis=alt.Axis(format="~s")),
            color=color,
        )
    )


def level_by_period(periods: pd.DataFrame, allowed: tuple[float, float]) -> str:
    """Draw predicted over seen wins of each period of the backtest, with intervals.

    Parameters
    ----------
    periods
        Columns start (text), ratio, low, high.
    allowed
        Range of the ratio that is right.

    Examples
    --------
    >>> table = pd.DataFrame({"start": ["2026-01-01"], "ratio": [0.9], "low": [0.7], "high": [1.2]})
    >>> "2026-01-01" in level_by_period(table, (0.85, 1.15))
    True
    """
    title = "Backtest: predicted over seen wins, by first day of the period"
    base = alt.Chart(periods, title=title, width=WIDTH, height=HEIGHT)
    x = alt.X("start:N", title=None, sort=None, axis=alt.Axis(labelAngle=0))
    scale = alt.Scale(domain=[0.0, max(2.0, float(periods["ratio"].max()) * 1.1)], clamp=True)
    band = alt.Chart(pd.DataFrame({"low": [allowed[0]], "high": [allowed[1]]})).mark_rect(color=FAINT, opacity=0.25)
    y = alt.Y("low:Q", title="predicted / seen", scale=scale)
    points = base.mark_circle(size=70, color=PREDICTED, opacity=1).encode(x=x, y=alt.Y("ratio:Q", scale=scale))
    bars = base.mark_rule(color=PREDICTED).encode(x=x, y=y, y2="high:Q")
    return svg(alt.layer(band.encode(y=y, y2="high:Q"), bars, points))


def level_curve(knots: pd.DataFrame) -> str:
    """Draw how the odds of winning changed over the history, for leads that are otherwise alike.

    Parameters
    ----------
    knots
        Columns days (before the newest lead), odds (relative to those of the newest lead).

    Examples
    --------
    >>> "Odds" in level_curve(pd.DataFrame({"days": [0.0, 40.0], "odds": [1.0, 1.4]}))
    True
    """
    title = "Odds of winning of leads that are otherwise alike, relative to today"
    chart = alt.Chart(knots, title=title, width=WIDTH, height=HEIGHT)
    x = alt.X("days:Q", title="days before the newest lead", scale=alt.Scale(reverse=True))
    return svg(chart.mark_line(point=True, color=PREDICTED).encode(x=x, y=alt.Y("odds:Q", title=None)))


def gains(curves: pd.DataFrame, what: str = "revenue") -> str:
    """Draw the share of revenue, or of wins, captured against the share of leads worked, one line per model.

    Parameters
    ----------
    curves
        Columns model, leads (share), captured (share).
    what
        What is captured.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["leadworth"] * 2, "leads": [0.0, 1.0], "captured": [0.0, 1.0]})
    >>> "leadworth" in gains(table)
    True
    """
    chart = alt.Chart(
        curves, title=f"{what.capitalize()} captured by working the best leads first", width=WIDTH, height=HEIGHT
    )
    return svg(
        chart.mark_line().encode(
            x=alt.X("leads:Q", title="share of leads worked", axis=alt.Axis(format=".0%")),
            y=alt.Y("captured:Q", title=f"share of {what}", axis=alt.Axis(format=".0%")),
            color=alt.Color("model:N", title=None, sort=list(dict.fromkeys(curves["model"]))),
        )
    )


def visible_share(curve: pd.DataFrame) -> str:
    """Draw the share of eventual wins, and of their money, that is visible at each age of a lead.

    Parameters
    ----------
    curve
        Columns kind ("wins" or "money"), days, share.

    Examples
    --------
    >>> table = pd.DataFrame({"kind": ["wins"] * 2, "days": [0.0, 90.0], "share": [0.0, 1.0]})
    >>> "days after the submit" in visible_share(table)
    True
    """
    colors = alt.Scale(domain=["wins", "money"], range=[PREDICTED, ACTUAL])
    return svg(
        alt.Chart(curve, title="Share of the outcome visible by age", width=WIDTH, height=HEIGHT)
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("days:Q", title="days after the submit"),
            y=alt.Y("share:Q", title="share visible", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("kind:N", title=None, scale=colors),
        )
    )

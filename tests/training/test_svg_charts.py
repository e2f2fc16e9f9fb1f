"""Charts are self-contained SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd

from training import svg_charts

DECILES = pd.DataFrame(
    {
        "group": [1, 2],
        "leads": [100, 100],
        "wins": [30, 2],
        "predicted_wins": [28.0, 3.0],
        "money": [9.0, 1.0],
        "predicted_money": [8.0, 2.0],
    }
)


def test_charts_are_self_contained_svg() -> None:
    curve = pd.DataFrame({"kind": ["wins", "money"], "days": [1.0, 2.0], "share": [0.5, 1.0]})
    captured = pd.DataFrame({"model": ["leadworth"] * 2, "leads": [0.0, 1.0], "captured": [0.0, 1.0]})
    charts = [
        svg_charts.calibration(DECILES),
        svg_charts.money_by(DECILES, "Deciles", "EUR"),
        svg_charts.gains(captured),
        svg_charts.visible_share(curve),
    ]
    for chart in charts:
        assert ElementTree.fromstring(chart).tag.endswith("svg")
        assert "<image" not in chart
        assert "href" not in chart.replace("xmlns:xlink", "")


def test_groups_keep_their_order() -> None:
    chart = svg_charts.money_by(DECILES.assign(group=["zeta", "alpha"]), "Channels", "EUR")
    assert chart.index("zeta") < chart.index("alpha")
    assert "EUR" in chart

import pandas as pd
import pytest

from simulation.auction.market_picture import draw_months
from simulation.auction.signal_registry import REFERENCE


def drawn(tmp_path, signals):
    """Return the text of the picture of two months of each signal."""
    rows = [("calm", name, month, value * month) for name, value in signals.items() for month in (1, 2)]
    path = tmp_path / "new" / "market.svg"
    draw_months(pd.DataFrame(rows, columns=["scenario", "signal", "month", "value_per_spend"]), path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    return text


def test_the_picture_names_scenarios_and_signals(tmp_path):
    text = drawn(tmp_path, {"a b": 40.0, "c": 10.0})
    for name in ("a b", ">c<", "month of the run", "calm", ">40<"):
        assert name in text, name
    assert f"of {REFERENCE}" not in text


@pytest.mark.parametrize("level", [1.0, 40.0])
def test_values_are_in_units_of_perfect_knowledge(tmp_path, level):
    text = drawn(tmp_path, {"a b": 0.8 * level, REFERENCE: level})
    assert f"of {REFERENCE}" in text
    assert ">0.80<" in text
    assert ">1.00<" in text

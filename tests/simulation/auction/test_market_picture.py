import pandas as pd

from simulation.auction.market_picture import draw_months


def test_the_picture_names_every_signal(tmp_path):
    months = pd.DataFrame({"signal": ["a b", "a b", "c"], "month": [1, 2, 1], "value_per_spend": [2.0, 3.0, 1.0]})
    draw_months(months, tmp_path / "new" / "market.svg")
    text = (tmp_path / "new" / "market.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "a b" in text
    assert "month of the run" in text

"""The sums over channels are the sums over leads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from serving.batch import score_summary
from serving.batch.score_summary import ScoreSummary


def scores(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "mql": rng.random(rows) < 0.3,
            "verdict": pd.Series(rng.choice(["accept", "review", "reject"], rows), dtype="str"),
            "predicted_value": rng.exponential(100.0, rows),
        }
    )


def shown(result: ScoreSummary) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(result.table("EUR"))
    return capture.get()


def test_channels_add_up_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_summary, "_MAX_CHANNELS", 20)
    table = scores(300)
    sources = pd.Series([f"c{number % 30}" if number % 7 else None for number in range(300)], dtype="str")
    result = ScoreSummary()
    for start in range(0, 300, 100):
        part = slice(start, start + 100)
        result.add(pd.DataFrame({"source": sources[part]}), table[part].reset_index(drop=True))

    assert result.total("leads") == 300
    assert result.total("mql") == table["mql"].sum()
    assert result.total("review") == table["verdict"].eq("review").sum()
    assert result.total("value") == pytest.approx(table["predicted_value"].sum())
    assert set(result.channels) >= {"other channels", "c1"}
    assert len(result.channels) == 21
    assert "9 more" in shown(result)


def test_leads_without_a_source() -> None:
    result = ScoreSummary()
    result.add(pd.DataFrame(index=range(5)), scores(5))

    assert result.channels["not known"][0] == 5
    assert "not known" in shown(result)

"""Replays of `leadworth report demo` with several seeds: what the page says against the known truth.

    python -m benchmarks.run report_replays
    python -m benchmarks.report_replays [NAME ...] [--seeds 1 2 3 4 5] [--folder FOLDER]

Each replay runs the commands of the demo, in this process, which saves the imports of each. The figures of a seed and a
replay replace those of an earlier run; the others stay as they are stored.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

from leadworth.channel_groups import OFFLINE
from leadworth.cli import load
from leadworth.console import console
from reporting.page.page_model import Alarm, Quantity
from reporting.views.plain_english import english
from simulation.demo_folder import prepare_folder
from simulation.report_demo import replay_run
from simulation.report_demo.replay_run import SeenPage
from simulation.report_demo.replays import replay_of, replays
from simulation.report_demo.said_and_true import (
    DISPLAY,
    SEARCH,
    SOCIAL,
    alarms_of,
    channel_row,
    figure_text,
    genuine_cost,
    spend_of,
    true_return,
)

RESULT = Path(__file__).parent / "results" / "report_replays.json"
SEEDS = (1, 2, 3, 4, 5)
FLOOD = pd.Timestamp("2026-08-02", tz="UTC")
"""First day of the bots in the scenarios with bots."""
LANDING_PAGE = "landing page to form"
NO_OUTCOMES = "No outcomes yet"
SECONDS_PER_DAY = 86_400.0
Measured = dict[str, Any]


def run_here(folder: Path, title: str, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a command of leadworth and return its output, as `simulation.demo_processes.run_step` does.

    Raises
    ------
    SystemExit
        Where the command fails, with its output.
    """
    del folder
    output = io.StringIO()
    with redirect_stdout(output), mock.patch.dict(os.environ, dict(variables or {})):
        try:
            load(arguments[0])(list(arguments[1:]), prog_name=f"leadworth {arguments[0]}")
        except SystemExit as ended:
            if ended.code:
                raise SystemExit(f"{title}: {output.getvalue()}") from ended
    return output.getvalue()


def run(name: str, seed: int, folder: Path) -> Measured:
    """Run a replay in a folder, which is emptied, and return its figures."""
    begun = time.perf_counter()
    prepare_folder(folder)
    with mock.patch.object(replay_run, "run_step", run_here):
        pages = list(replay_run.run_replay(name, replay_of(name), folder, seed))
    seconds = round(time.perf_counter() - begun)
    return {"seed": seed, "leads": replay_of(name).leads, **MEASURES[name](pages), "seconds": seconds}


def cheap_lead(pages: Sequence[SeenPage]) -> Measured:
    """Return the figures of a channel whose leads are cheap and return little."""
    early, late = pages
    verdict = _verdict(early, SEARCH)
    alarms = alarms_of(early.page, "cheap")
    poor = channel_row(early.page, SOCIAL)
    realised = {channel: _realised(late, channel) for channel in (SEARCH, SOCIAL)}
    return {
        "visible_wins": round(early.truth.visible_wins, 3),
        "probability": _of(verdict.values.get("probability")) if verdict is not None else None,
        "verdict": english(verdict) if verdict is not None else "",
        "against": str(verdict.values.get("channel", "")) if verdict is not None else "",
        "flagged": poor is not None and poor.warning,
        "moved": _money(alarms),
        "cost_share": _ratio(_column(early, SOCIAL, "raw_cpl"), _column(early, SEARCH, "raw_cpl")),
        "said": {channel: figure_text(row.figure) for channel in (SEARCH, SOCIAL) if (row := _row(early, channel))},
        "returned": {channel: round(true_return(early.page, early.truth, channel), 2) for channel in (SEARCH, SOCIAL)},
        "said_share": {channel: _ratio(_said(early, channel), _true_revenue(early, channel)) for channel in _MONEY},
        "value_said": {channel: _value_said(early, channel) for channel in _MONEY},
        "wins_without_amount": int((late.truth.leads["wins"] & late.truth.leads["revenue_micros"].isna()).sum()),
        "realised": {channel: round(value, 2) for channel, value in realised.items()},
        "seen_share": {channel: _ratio(_seen(late, channel), _true_revenue(late, channel)) for channel in _MONEY},
    }


def bots(pages: Sequence[SeenPage]) -> Measured:
    """Return the figures of bots in a display campaign."""
    last = pages[-1]
    alarms = [alarm for alarm in last.truth.alarms if alarm.channel == DISPLAY]
    shown = alarms_of(last.page, "junk")
    here = last.truth.of_channel(DISPLAY)
    values = {junk: part["said_submit_value"].mean() for junk, part in here.groupby("junk")}
    cost = _column(last, DISPLAY, "genuine_cpl")
    return {
        **_alarm_delay(last, alarms[0].seconds if alarms else None),
        "other_alarms": sorted({f"{alarm.channel}" for alarm in last.truth.alarms} - {DISPLAY}),
        "shown": [str(alarm.headline.values.get("channel", "")) for alarm in shown],
        "at_risk": _money(shown),
        "cost_share": _ratio(cost, _column(last, DISPLAY, "raw_cpl")),
        "cost_said": _ratio(cost, genuine_cost(last.page, last.truth, DISPLAY)),
        "value_share": _ratio(values.get(True, 0.0), values.get(False, 0.0)),
    }


def no_crm(pages: Sequence[SeenPage]) -> Measured:
    """Return the figures of a business without a CRM, and of the same after it was connected."""
    before, after = pages
    shown = alarms_of(before.page, "junk")
    alarms = [alarm for alarm in before.truth.alarms if alarm.channel == DISPLAY]
    said = next((card.figure.quantity for card in before.page.cards if card.figure.metric == "genuine_leads"), None)
    return {
        "missing_named": _says(before, NO_OUTCOMES),
        "shown": [str(alarm.headline.values.get("channel", "")) for alarm in shown],
        **_alarm_delay(before, alarms[0].seconds if alarms else None),
        "genuine_said": _ratio(_of(said), float((~before.truth.leads["junk"]).sum())),
        "money_before": sorted({card.figure.metric for card in before.page.cards} & {"revenue", "return_on_marketing"}),
        "money_after": sorted({card.figure.metric for card in after.page.cards} & {"revenue", "return_on_marketing"}),
        "missing_after": _says(after, NO_OUTCOMES),
    }


def fair(pages: Sequence[SeenPage]) -> Measured:
    """Return the figures of the visitors of a fair, imported at once."""
    [page] = pages
    imported = page.truth.leads.query("simulated_channel == 'fair' and entry == 'import'")
    online = page.truth.leads.query("channel != @OFFLINE")
    spend = sum(spend_of(page.page, str(row.name)) for row in page.page.channels.rows if row.name != OFFLINE)
    cost = next((card for card in page.page.cards if card.figure.metric == "genuine_cpl"), None)
    raw = _of(cost.lines[0].values.get("cost")) if cost is not None and cost.lines else None
    return {
        "imported": len(imported),
        "channels": sorted(set(imported["channel"])),
        "mqls": int(imported["mql_at"].notna().sum()),
        "cost_said": _ratio(raw, spend / max(len(online), 1)),
        "offline_flagged": any(OFFLINE in english(alarm.headline) for alarm in alarms_of(page.page, "cheap")),
    }


def cold(pages: Sequence[SeenPage]) -> Measured:
    """Return the figures of good leads that sales leaves alone."""
    [page] = pages
    block = page.page.hand_over
    figures = block.figures if block is not None else ()
    waiting = next((figure.quantity for figure in figures if figure.metric == "untouched_mql"), None)
    leads = page.truth.everyone
    here = leads[leads["mql_at"].notna() & leads["touched_at"].isna() & leads["said_value"].notna()]
    best = here.nlargest(len(here) // 5, "said_value")
    return {
        "waiting": _of(waiting),
        "waiting_true": len(here),
        "at_risk": _money(alarms_of(page.page, "waiting")),
        "value_said": _ratio(float(here["said_value"].sum()), float(here["value"].sum())),
        "value_of_best_fifth": _ratio(float(best["value"].sum()), float(here["value"].sum())),
    }


def divergence(pages: Sequence[SeenPage]) -> Measured:
    """Return the steps of the funnel that the page says have diverged."""
    [page] = pages
    steps = [english(alarm.headline) for alarm in alarms_of(page.page, "divergence")]
    return {"named": any(LANDING_PAGE in step for step in steps), "alarms": steps}


MEASURES: Mapping[str, Callable[[Sequence[SeenPage]], Measured]] = {
    "cheap-lead": cheap_lead,
    "bots": bots,
    "no-crm": no_crm,
    "fair": fair,
    "cold": cold,
    "divergence": divergence,
}
_MONEY = (SEARCH, SOCIAL)


def _row(page: SeenPage, channel: str) -> Any:
    return channel_row(page.page, channel)


def _verdict(page: SeenPage, channel: str) -> Any:
    row = channel_row(page.page, channel)
    return row.verdict if row is not None else None


def _of(value: object) -> float | None:
    return round(value.value, 4) if isinstance(value, Quantity) else None


def _column(page: SeenPage, channel: str, name: str) -> float | None:
    row = channel_row(page.page, channel)
    return _of(row.columns.get(name)) if row is not None else None


def _ratio(value: float | None, other: float | None) -> float | None:
    return round(float(value) / float(other), 3) if value is not None and other else None


def _money(alarms: Sequence[Alarm]) -> float | None:
    return _of(alarms[0].figure.quantity) if alarms and alarms[0].figure is not None else None


def _seen(page: SeenPage, channel: str) -> float:
    return _column(page, channel, "revenue") or 0.0


def _said(page: SeenPage, channel: str) -> float:
    return _seen(page, channel) + (_column(page, channel, "predicted") or 0.0)


def _true_revenue(page: SeenPage, channel: str) -> float:
    return true_return(page.page, page.truth, channel) * spend_of(page.page, channel)


def _value_said(page: SeenPage, channel: str) -> float | None:
    """Return the predicted over the true value of the leads that are open, which chance does not move."""
    leads = page.truth.of_channel(channel)
    known = leads[leads["said_value"].notna() & leads["open_value"].notna()]
    return _ratio(float(known["said_value"].sum()), float(known["open_value"].sum()))


def _realised(page: SeenPage, channel: str) -> float:
    spend = spend_of(page.page, channel)
    return _seen(page, channel) / spend if spend > 0 else 0.0


def _says(page: SeenPage, text: str) -> bool:
    return any(text in english(notice.message) for notice in page.page.notices)


def _alarm_delay(page: SeenPage, seconds: float | None) -> Measured:
    """Return the leads of the channel, and the days, from the first bot to the alarm."""
    if seconds is None:
        return {"alarm_leads": None, "alarm_days": None}
    came = pd.Timestamp(datetime.fromtimestamp(seconds, UTC))
    here = page.truth.everyone.query("channel == @DISPLAY")
    days = (came - FLOOD).total_seconds() / SECONDS_PER_DAY
    return {"alarm_leads": int(here["submitted_at"].between(FLOOD, came).sum()), "alarm_days": round(days, 1)}


def _keep(name: str, one: Measured) -> None:
    stored = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    runs = {run["seed"]: run for run in stored.get(name, [])} | {one["seed"]: one}
    stored[name] = [runs[seed] for seed in sorted(runs)]
    RESULT.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] = ()) -> None:
    """Run replays, print their figures, and keep those of the reported seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="Replays; none: all")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--folder", type=Path, help="Keep the exports and pages here; left out: removed")
    options = parser.parse_args(arguments)
    for seed in options.seeds:
        for name in options.names or replays():
            with tempfile.TemporaryDirectory() as scratch:
                one = run(name, seed, (options.folder or Path(scratch)) / f"{name}-{seed}")
            console.print(f"{name}: {json.dumps(one)}", markup=False, soft_wrap=True)
            if seed in SEEDS:
                _keep(name, one)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`leadworth watch`: junk alarms, feature drift and junk recall of the leads that the service scored."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.text import Text

from leadworth.console import console, errors, table
from leadworth.errors import LeadworthError, StoreError
from leadworth.settings import FILE_NAME, Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.bundle import Bundle
    from monitoring.drift import Drift
    from monitoring.junk_alarms import JunkAlarm, JunkMonitor
    from monitoring.recall_estimation import Recall

MIN_DRIFT_LEADS = 200
"""Leads from which drift is measured."""
MAX_DRIFT_LEADS = 20_000
"""Newest leads among which drift is measured."""


@dataclass(frozen=True)
class WatchResult:
    """Result of one look at the decisions of a period.

    Attributes
    ----------
    leads
        Leads first scored in the period.
    alarms
        Current junk alarms, the costliest first.
    drift
        Drifted features, of "all" and of "engaged" leads.
    undecided
        Share of leads with a junk probability between 0.3 and 0.7.
    recall
        Estimated share of the junk that is rejected.
    """

    leads: int
    alarms: list[JunkAlarm]
    drift: dict[str, list[Drift]]
    undecided: float
    recall: Recall


def watch(
    days: Annotated[int, typer.Option(min=1, help="Period of the leads")] = 365,
    once: Annotated[bool, typer.Option("--once", help="Look once; exit code 2 where there is an alarm")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a look")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
) -> None:
    """Watch the junk share by channel and campaign, drift of features, and junk recall.

    An alarm names the channel, the campaign behind it, and the money at risk. It comes within some twenty leads
    where bots flood a channel, and falsely less than once in a channel-year.
    """
    from monitoring.junk_alarms import JunkMonitor
    from store.engine import open_store
    from store.store_errors import store_errors

    settings = load_settings(config)
    monitor = JunkMonitor(timedelta(days=days))
    with open_store(settings) as engine:
        while True:
            try:
                with store_errors(), engine.connect() as connection:
                    result = measure(connection, settings, monitor, _champion(settings))
            except StoreError as error:
                if once:
                    raise
                errors.print(f"Warning: {error}; looks again in {every:g} s", soft_wrap=True, markup=False)
            else:
                console.print_json(json.dumps(_plain(result))) if as_json else _show(result, settings)
                if once:
                    raise typer.Exit(2 if result.alarms else 0)
            time.sleep(every)


def measure(connection: Connection, settings: Settings, monitor: JunkMonitor, bundle: Bundle | None) -> WatchResult:
    """Return alarms, drift and recall.

    Parameters
    ----------
    connection
        Of the decision store.
    settings
        With the cost of a sales touch.
    monitor
        Updated by the call.
    bundle
        Model in use: the junk threshold of alarms and the reference of drift. None: junk is what was not accepted, and
        drift is left out.
    """
    from monitoring.recall_estimation import recall
    from store.recent_decisions import labelled_decisions, smallest_propensity

    monitor.look(connection, datetime.now(UTC), bundle.policy.verdict.review_junk if bundle else None)
    labelled = labelled_decisions(connection, monitor.since)
    engaged = {lead for lead, junk in zip(labelled.lead_id, labelled.junk, strict=True) if not junk}
    smallest = smallest_propensity(connection, monitor.since)
    return WatchResult(
        leads=monitor.leads,
        alarms=monitor.alarms(settings.mql.touch_cost),
        drift=_drift(connection, bundle, engaged) if bundle is not None else {},
        undecided=monitor.undecided_share,
        recall=recall(labelled.caught, labelled.propensity, labelled.junk, smallest),
    )


def _champion(settings: Settings) -> Bundle | None:
    """Return the champion of the registry; None, with a warning, where none can be loaded."""
    from models.bundle_loading import load_bundle

    try:
        return load_bundle(settings, None)
    except LeadworthError as error:
        _warn_once(f"{error}; without a model, junk is what was not accepted, and drift is left out")
        return None


@cache
def _warn_once(text: str) -> None:
    errors.print(f"Warning: {text}", soft_wrap=True, markup=False)


def _drift(connection: Connection, bundle: Bundle, engaged: set[str]) -> dict[str, list[Drift]]:
    from monitoring.drift import drifts
    from store.recent_decisions import vectors

    if bundle.reference is None:
        return {}
    decided = vectors(connection, bundle.id, MAX_DRIFT_LEADS)
    is_engaged = np.array([lead in engaged for lead in decided.lead_id], dtype=bool)
    binned = bundle.reference.features
    result = {}
    for name, rows in (("all", np.ones(len(is_engaged), dtype=bool)), ("engaged", is_engaged)):
        if rows.sum() < MIN_DRIFT_LEADS:
            continue
        current = [
            feature.count(decided.matrix[rows, column]).tolist() for column, feature in enumerate(binned.values())
        ]
        result[name] = drifts(list(binned), [getattr(feature, name) for feature in binned.values()], current)
    return result


def _plain(result: WatchResult) -> dict[str, Any]:
    """Return the result as JSON values; numbers that are not known are null."""
    content = asdict(result)
    for row, alarm in zip(content["alarms"], result.alarms, strict=True):
        row["at_risk"] = alarm.at_risk
    content["recall"] = {name: None if math.isnan(value) else value for name, value in content["recall"].items()}
    return content


_HEADINGS = ("channel", "campaign", "since", "leads", "junk before", "junk now", "credited", "wasted", "at risk")


def _show(result: WatchResult, settings: Settings) -> None:
    currency = settings.currency
    now = datetime.now(settings.zone)
    if result.alarms:
        rows = [_row(alarm, settings) for alarm in result.alarms]
        console.print(table(_HEADINGS, rows, title="Junk has risen", right=_HEADINGS[3:]))
        console.print(
            f"credited: what counting forms alone would have credited to that junk, at the mean value of the channel's "
            f"other leads; wasted: touches by sales at {settings.mql.touch_cost:g} {currency} each"
        )
    for name, drifted in result.drift.items():
        features = ", ".join(f"{drift.feature} (PSI {drift.psi:.2f})" for drift in drifted[:8])
        console.print(Text(f"Drift, {name} leads: {features or 'none'}"))
    summary = f"{result.leads:,} leads, {len(result.alarms)} alarms, {result.undecided:.1%} undecided"
    console.print(f"{now:%Y-%m-%d %H:%M}: {summary}; {result.recall}", soft_wrap=True)


def _row(alarm: JunkAlarm, settings: Settings) -> list[object]:
    since = datetime.fromtimestamp(alarm.since, settings.zone)
    before = f"{alarm.before:.0%}"
    after = f"{alarm.after:.0%} [{alarm.low:.0%}, {alarm.high:.0%}]"
    campaign = alarm.campaign or "no single one"
    money = [f"{value:,.0f}" for value in (alarm.credited, alarm.wasted, alarm.at_risk)]
    return [alarm.channel, campaign, f"{since:%Y-%m-%d}", alarm.leads, before, after, *money]

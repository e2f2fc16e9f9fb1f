"""`leadworth watch`: what has changed in the leads that the service decided about."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.text import Text

from leadworth.console import console, table
from leadworth.errors import LeadworthError
from leadworth.settings import FILE_NAME, Settings, load_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from models.bundle import Bundle
    from monitoring.drift import Drift
    from monitoring.junk_alarms import JunkAlarm
    from monitoring.recall_estimation import Recall
    from store.recent_decisions import RecentDecisions

FEWEST, MOST = 200, 20_000
"""Leads needed to speak of drift, and those looked at."""


@dataclass(frozen=True)
class WatchResult:
    """What was found.

    Attributes
    ----------
    leads
        Leads looked at.
    alarms
        Rises of junk that stand, the costliest first.
    drift
        Features that moved, by "all" and "engaged" leads.
    undecided
        Share of leads with a junk probability between 0.3 and 0.7.
    recall
        Share of the junk that is caught.
    """

    leads: int
    alarms: list[JunkAlarm]
    drift: dict[str, list[Drift]]
    undecided: float
    recall: Recall


def watch(
    days: Annotated[int, typer.Option(min=1, help="Period that is looked at")] = 365,
    once: Annotated[bool, typer.Option("--once", help="Look once; end with 2 where an alarm stands")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a look")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file")] = Path(FILE_NAME),
) -> None:
    """Watch the share of junk by channel and campaign, drift of features, and how much junk is caught.

    An alarm names the channel, the campaign behind it, and the money at risk. It comes within some twenty leads
    where bots flood a channel, and wrongly less than once in a channel-year.
    """
    settings = load_settings(config)
    while True:
        seen = look(settings, timedelta(days=days))
        console.print_json(json.dumps(_plain(seen))) if as_json else _show(seen, settings)
        if once:
            raise typer.Exit(2 if seen.alarms else 0)
        time.sleep(every)


def look(settings: Settings, period: timedelta) -> WatchResult:
    """Look at the decisions of a period.

    Raises
    ------
    StoreError
        Where the store does not answer.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from leadworth.errors import StoreError
    from store.engine import open_engine

    engine = open_engine(settings.database(settings.serving.store.get_secret_value()))
    try:
        with engine.connect() as connection:
            return seen_in(connection, settings, datetime.now(UTC) - period, _champion(settings))
    except SQLAlchemyError as error:
        raise StoreError(
            f"the store did not answer ({type(error).__name__})",
            do="start `leadworth serve` once; see `leadworth doctor`",
        ) from error
    finally:
        engine.dispose()


def suspects(decisions: RecentDecisions, bundle: Bundle | None) -> NDArray[np.bool_]:
    """Return which leads count as junk in a stream, shape (n,).

    They have at least the junk probability from which the policy of `bundle` calls for a review. Without a
    bundle, their verdict was review or reject.
    """
    if bundle is None:
        return decisions.not_accepted
    return decisions.junk_probability >= bundle.policy.verdict.review_junk


def seen_in(
    connection: Connection, settings: Settings, since: datetime, bundle: Bundle | None, *, with_drift: bool = True
) -> WatchResult:
    """Return alarms, drift and recall since a moment.

    Parameters
    ----------
    connection
        Of the store.
    settings
        With the cost of a sales touch.
    since
        Start of the period.
    bundle
        Model in use: the reference of drift, and the junk threshold of alarms. None leaves drift out.
    with_drift
        Measure drift.
    """
    from monitoring.junk_alarms import Stream, alarms
    from monitoring.recall_estimation import recall
    from store.recent_decisions import recent

    found = recent(connection, since)
    suspect = suspects(found, bundle)
    stream = Stream(found.seconds, found.channel, found.campaign, suspect, found.value)
    engaged = set(found.lead_id[found.labelled & ~found.junk].tolist())
    between = (found.junk_probability > 0.3) & (found.junk_probability < 0.7)
    return WatchResult(
        leads=len(suspect),
        alarms=alarms(stream, settings.mql.touch_cost),
        drift=_drift(connection, bundle, engaged) if bundle is not None and with_drift else {},
        undecided=float(between.mean()) if len(between) else 0.0,
        recall=recall(found.caught, found.propensity, found.labelled, found.junk),
    )


def _champion(settings: Settings) -> Bundle | None:
    """Return the champion of the registry, or None where there is none to be had."""
    from models.bundle_loading import load_bundle

    try:
        return load_bundle(settings, None)
    except LeadworthError:
        return None


def _drift(connection: Connection, bundle: Bundle, engaged: set[str]) -> dict[str, list[Drift]]:
    from monitoring.drift import drifts
    from store.recent_decisions import vectors

    if bundle.reference is None:
        return {}
    matrix, leads = vectors(connection, bundle.id, MOST)
    taken = np.array([lead in engaged for lead in leads], dtype=bool)
    found = {}
    for name, rows in (("all", np.ones(len(leads), dtype=bool)), ("engaged", taken)):
        if rows.sum() < FEWEST:
            continue
        binned = bundle.reference.features
        now = [one.count(matrix[rows, place]).tolist() for place, one in enumerate(binned.values())]
        found[name] = drifts(list(binned), [getattr(one, name) for one in binned.values()], now)
    return found


def _plain(seen: WatchResult) -> dict[str, Any]:
    told = asdict(seen)
    for alarm, one in zip(told["alarms"], seen.alarms, strict=True):
        alarm["at_risk"] = one.at_risk
    nothing = {name: None for name in ("value", "low", "high") if told["recall"][name] != told["recall"][name]}
    return told | {"recall": told["recall"] | nothing}


_HEADINGS = ("channel", "campaign", "since", "leads", "junk before", "junk now", "credited", "wasted", "at risk")


def _show(seen: WatchResult, settings: Settings) -> None:
    currency, now = settings.currency, datetime.now(settings.zone)
    if seen.alarms:
        rows = [_row(alarm, settings) for alarm in seen.alarms]
        console.print(table(_HEADINGS, rows, title="Junk has risen", right=_HEADINGS[3:]))
        console.print(
            f"credited: what counting forms alone would have credited to that junk, at the mean value of the channel's "
            f"other leads; wasted: touches by sales at {settings.mql.touch_cost:g} {currency} each"
        )
    for name, moved in seen.drift.items():
        told = ", ".join(f"{one.feature} (PSI {one.psi:.2f})" for one in moved[:8])
        console.print(Text(f"Drift, {name} leads: {told or 'none'}"))
    told = f"{seen.leads:,} leads, {len(seen.alarms)} alarms, {seen.undecided:.1%} undecided"
    console.print(f"{now:%Y-%m-%d %H:%M}: {told}; {seen.recall}", soft_wrap=True)


def _row(alarm: JunkAlarm, settings: Settings) -> list[object]:
    since = datetime.fromtimestamp(alarm.since, settings.zone)
    now = f"{alarm.after:.0%} [{alarm.low:.0%}, {alarm.high:.0%}]"
    money = [f"{value:,.0f}" for value in (alarm.credited, alarm.wasted, alarm.at_risk)]
    before, campaign = f"{alarm.before:.0%}", alarm.campaign or "no single one"
    return [alarm.channel, campaign, f"{since:%Y-%m-%d}", alarm.leads, before, now, *money]

"""Velocity counts of the leads of a history, computed as the service counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.velocity_keys import DOMAIN, FIELDS, SECRET_PURPOSE, message_key
from features.velocity_table import VelocityTable, with_columns
from leadworth.key_derivation import key_for
from store import velocity_events
from store.engine import open_store

if TYPE_CHECKING:
    from leadworth.settings import Settings


def with_velocity(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the lead table with the missing velocity columns added, each lead as of its own submit.

    Only earlier leads are counted. Leads without a submit time get no counts. Velocity columns that the
    table already has, such as those stored by the service, stay.

    Parameters
    ----------
    leads
        Lead table in any order; order and index do not change.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["2", "1"], "ip": ["10.0.0.1", "10.0.0.1"]})
    >>> leads["submitted_at"] = pd.to_datetime(["2026-01-01 00:01", "2026-01-01 00:00"], utc=True)
    >>> with_velocity(leads)["recent_ip_10m"].tolist()
    [1.0, 0.0]
    """
    if all(name in leads for name in FIELDS) or "submitted_at" not in leads or leads["submitted_at"].isna().all():
        return leads
    table = VelocityTable()
    table.add(leads)
    counts = table.counts().columns(0, len(leads))
    return with_columns(leads, {name: column for name, column in counts.items() if np.isfinite(column).any()})


def fill_store(leads: pd.DataFrame, settings: Settings) -> None:
    """Add the latest leads of a history to the velocity log, so that a new service counts from its first lead.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    table = VelocityTable(key_for(settings, SECRET_PURPOSE))
    table.add(leads)
    span = table.span(velocity_events.last_moment())
    if span is not None:
        with open_store(settings, migrate=True) as engine:
            velocity_events.write_all(engine, table.events, span[1], DOMAIN)


def near_duplicates(leads: pd.DataFrame) -> NDArray[np.int64]:
    """Return a group number for each lead, shape (n,); leads with nearly the same message share it."""
    alone = np.arange(len(leads), dtype=np.int64)
    if "message" not in leads:
        return alone
    keys = pd.Series([message_key(text) if isinstance(text, str) else None for text in leads["message"]])
    codes, _ = pd.factorize(keys)
    return np.where(codes < 0, alone, len(leads) + codes)

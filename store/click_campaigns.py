"""Campaigns of clicks, by a keyed digest of the click id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from store.chunks import chunks
from store.report_schema import click_campaigns
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection


def store_clicks(connection: Connection, rows: Sequence[Mapping[str, str]]) -> None:
    """Store the campaigns of clicks; a click that is stored already gets the new campaign.

    Parameters
    ----------
    rows
        Columns of `click_campaigns`.
    """
    for part in chunks(rows):
        connection.execute(upsert(connection, click_campaigns), list(part))

"""Touches that the collector recorded in `lw_data`: source, campaign and click ids of the visit.

A lead without these fields gets them from its last touch, else from its first one, in the same way for one lead and for
a table, so that a lead scores the same over HTTP and from a file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from features.collector_payload import parse, read_payloads
from leadworth.records import CLICK_IDS, Lead, reader_of

LW_DATA = "lw_data"
TOUCH_FIELDS = {
    name: reader_of(name)
    for name in (*CLICK_IDS, "source", "medium", "campaign", "term", "content", "landing_page", "referrer")
}


def touch_values(lw_data: str | None) -> dict[str, Any]:
    """Return field -> value of the last touch, else of the first one.

    Examples
    --------
    >>> touch_values('{"first": {"source": "bing", "term": "crm"}, "last": {"source": "google"}}')
    {'source': 'google', 'term': 'crm'}
    >>> touch_values(None)
    {}
    """
    payload = parse(lw_data) or {}
    fields: dict[str, Any] = {}
    for position in ("last", "first"):
        touch = payload.get(position)
        if not isinstance(touch, dict):
            continue
        for name, read in TOUCH_FIELDS.items():
            value = read(touch.get(name))
            if value is not None and name not in fields:
                fields[name] = value
    return fields


def missing_touch_values(lead: Lead) -> dict[str, Any]:
    """Return the touch values of the fields that a lead does not have.

    Examples
    --------
    >>> missing_touch_values(Lead(source="fair", lw_data='{"last": {"source": "google", "medium": "cpc"}}'))
    {'medium': 'cpc'}
    """
    if lead.lw_data is None:
        return {}
    return {name: value for name, value in touch_values(lead.lw_data).items() if getattr(lead, name) is None}


def with_touches(leads: pd.DataFrame) -> pd.DataFrame:
    """Return a lead table with the missing touch fields filled in; columns are added where a touch has them.

    Examples
    --------
    >>> touch = '{"last": {"source": "google"}}'
    >>> table = pd.DataFrame({"lw_data": [touch, None], "source": [None, "fair"]}, dtype="str")
    >>> with_touches(table)["source"].tolist()
    ['google', 'fair']
    """
    if LW_DATA not in leads.columns:
        return leads
    texts = leads[LW_DATA].astype("str")
    written = tuple(pa.array(texts).to_pylist())
    rows = np.flatnonzero(read_payloads(written).nested).tolist()
    touches = [(row, touch_values(written[row])) for row in rows]
    filled: dict[str, pd.Series] = {}
    for name in sorted({name for _, values in touches for name in values}):
        recorded = pd.Series(None, index=leads.index, dtype="str")
        places = [row for row, values in touches if name in values]
        recorded.iloc[places] = [values[name] for _, values in touches if name in values]
        filled[name] = leads[name].where(leads[name].notna(), recorded) if name in leads.columns else recorded
    return leads.assign(**filled) if filled else leads

"""Outcome tables of invented rows."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from crm.outcome_fold import fold
from crm.outcome_table import OutcomeReader
from crm.raw_table import RawBatch
from leadworth.settings import OutcomesSource

END = datetime(2026, 12, 31, tzinfo=UTC)


def outcomes(rows: dict[str, list[object]], **settings: object) -> pd.DataFrame:
    """Return the outcome table of rows with a column `id`, indexed by lead id."""
    source = OutcomesSource(**settings)  # type: ignore[arg-type]
    table = pa.table(rows)
    facts = OutcomeReader(source).read(RawBatch(table, np.arange(1, len(table) + 1)))
    ids = pd.Series(table.column("id").to_pylist(), dtype="str")
    return fold(ids, facts.usable, source).set_index("lead_id")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")

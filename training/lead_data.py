"""Lead data of a training: the cells of all leads and which have nearly the same message, computed once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from features.feature_group import Kind
from features.lead_cells import LeadCells
from leadworth.arrays import Indices
from training.velocity_backfill import near_duplicates


@dataclass(frozen=True)
class LeadData:
    """Cells of leads, and the group of near-duplicates of each; rows of the same lead table, shape (n,).

    `index` is that of the lead table.
    """

    cells: LeadCells
    group: Indices
    index: pd.Index

    @classmethod
    def of(cls, leads: pd.DataFrame, extras: Mapping[str, Kind], ignored: Collection[str] = ()) -> Self:
        """Compute the data of a lead table; no feature is made of the fields in `ignored`."""
        cells = LeadCells(leads.drop(columns=sorted(ignored), errors="ignore"), extras)
        return cls(cells, near_duplicates(leads), leads.index)

    def rows(self, index: pd.Index) -> Indices:
        """Return the positions of leads by their index labels, shape (len(index),)."""
        return np.asarray(self.index.get_indexer(index), dtype=np.int64)

    def groups(self, rows: Indices) -> Indices:
        """Return the group of each of some leads as `near_duplicates` numbers them alone, shape (len(rows),)."""
        group = self.group[rows]
        shared = group >= len(self.group)
        number = np.arange(len(rows), dtype=np.int64)
        number[shared] = len(rows) + pd.factorize(group[shared])[0]
        return number

"""What the features of the training leads were like, to tell later whether those of new leads have moved.

Of each feature the bounds of at most ten bins and the share of leads in each, all leads and humanly engaged
ones apart; missing is a bin of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.base import Matrix, Vector

BINS = 10


@dataclass(frozen=True)
class Binned:
    """One feature: inner bounds of its bins, and leads in each bin, missing last; of all and of engaged leads."""

    bounds: tuple[float, ...]
    all: tuple[int, ...]
    engaged: tuple[int, ...]

    def count(self, column: Vector) -> NDArray[np.int64]:
        """Return how many values fall in each bin, missing last.

        Examples
        --------
        >>> Binned((1.0,), (2, 2, 0), (1, 1, 0)).count(np.array([0.0, 1.0, 5.0, np.nan])).tolist()
        [1, 2, 1]
        """
        size = len(self.bounds) + 1
        place = np.where(np.isnan(column), size, np.searchsorted(self.bounds, column, side="right"))
        return np.bincount(place, minlength=size + 1).astype(np.int64)


@dataclass(frozen=True)
class Reference:
    """The training leads, feature by feature."""

    features: Mapping[str, Binned]

    @classmethod
    def of(cls, names: Sequence[str], matrix: Matrix, engaged: NDArray[np.bool_]) -> Self:
        """Bin the features of the training leads.

        Parameters
        ----------
        names, matrix
            Of the features, shape (n, n_features).
        engaged
            Leads with whom people got in touch, shape (n,).
        """
        return cls({name: _binned(matrix[:, place], engaged) for place, name in enumerate(names)})

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        content = {name: vars(one) for name, one in self.features.items()}
        return (json.dumps(content, separators=(",", ":")) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        told: Mapping[str, Any] = json.loads(content)
        return cls(
            {name: Binned(*(tuple(one[part]) for part in ("bounds", "all", "engaged"))) for name, one in told.items()}
        )


def _binned(column: Vector, engaged: NDArray[np.bool_]) -> Binned:
    known = column[~np.isnan(column)]
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    cuts = cuts[cuts > known.min()] if len(known) else cuts
    empty = Binned(tuple(cuts.tolist()), (), ())
    return Binned(empty.bounds, tuple(empty.count(column).tolist()), tuple(empty.count(column[engaged]).tolist()))

"""Feature compiler: turns a feature spec into a list of steps, one per group, for one lead and for tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features import extra_features as extra_groups
from features.category_codes import Vocabulary
from features.collected_touches import missing_touch_values, with_touches
from features.feature_group import Cell, FeatureGroup, Kind, Words
from features.table_evaluation import READERS, Reader, columns, combinations
from leadworth.arrays import Vector
from leadworth.records import Lead

CHUNK_ROWS = 100_000
BLOCK_ROWS = 50
"""Below the size of the smallest cache of derived values, 64."""
Features = Callable[..., Sequence[Cell]]


@dataclass(frozen=True)
class Step:
    """Features of a spec that one group computes.

    Attributes
    ----------
    group
        The group.
    picks
        Position in the group of each feature, and the vocabulary of a category.
    """

    group: FeatureGroup
    picks: tuple[tuple[int, Vocabulary | None], ...]

    @cached_property
    def features(self) -> Features:
        """Function from one combination of the group's inputs to the features, in the order of `picks`."""
        compute = self.group.compute
        positions = [position for position, _ in self.picks]
        whole = positions == list(range(len(self.group.features)))
        select = list if whole else _selection(positions)
        categories = [
            (index, vocabulary.codes, vocabulary.unseen)
            for index, (_, vocabulary) in enumerate(self.picks)
            if vocabulary
        ]
        if not categories:
            return compute if whole else lambda *inputs: select(compute(*inputs))

        def features(*inputs: object) -> Sequence[Cell]:
            row = select(compute(*inputs))
            for index, codes, unseen in categories:
                row[index] = codes.get(row[index], unseen)
            return row

        return features

    def evaluate(self, columns: Sequence[Sequence[object]]) -> NDArray[np.float64]:
        """Return the features of some combinations of the group's inputs, shape (combinations, features).

        Parameters
        ----------
        columns
            Values of each input, one for each combination.
        """
        if self.group.compute_rows is not None:
            cells = self.group.compute_rows(*columns)
            return np.column_stack([_encoded(cells[position], vocabulary) for position, vocabulary in self.picks])
        rows, width = len(columns[0]), len(self.picks)
        values = chain.from_iterable(map(self.features, *columns))
        return np.fromiter(values, np.float64, rows * width).reshape(rows, width)


def _encoded(column: Vector | Words, vocabulary: Vocabulary | None) -> Vector:
    """Return the feature of many leads; words as codes of the vocabulary."""
    if isinstance(column, Words):
        encode = (vocabulary or Vocabulary((), rare=False)).code
        return np.array([encode(word) for word in column.words])[column.positions]
    return column


def _selection(positions: Sequence[int]) -> Callable[[Sequence[Cell]], list[Cell]]:
    return lambda cells: [cells[position] for position in positions]


class CompiledFeatures:
    """Computes the features of a spec for one lead or a table.

    A single lead has a loop of its own because the array operations of a table of one row would cost more than
    the features. Both call `Step.features`, the only definition of the values.

    Parameters
    ----------
    steps
        Steps in the order of the features.
    fields
        Fields of the training table; all other fields are treated as missing.
    extras
        Kind of each extra column.
    """

    def __init__(self, steps: Iterable[Step], fields: Sequence[str], extras: Mapping[str, Kind]) -> None:
        self._steps = tuple(steps)
        self._fields = tuple(fields)
        self._readers = input_readers(fields, extras)
        self._extras = tuple(
            (column, column in Lead.model_fields, extra_groups.READERS[kind]) for column, kind in extras.items()
        )
        position = {name: index for index, name in enumerate(self._readers)}
        missing = len(position)
        self._calls = tuple(
            (step.features, _picker([position.get(name, missing) for name in step.group.inputs]))
            for step in self._steps
        )

    def vector(self, lead: Lead) -> NDArray[np.float64]:
        """Return the features of one lead, shape (n_features,)."""
        values = lead.__dict__ if lead.lw_data is None else lead.__dict__ | missing_touch_values(lead)
        extras = lead.extras
        inputs = [values[name] for name in self._fields]
        inputs += [read(values[name] if is_field else extras.get(name)) for name, is_field, read in self._extras]
        inputs.append(None)
        cells: list[Cell] = []
        for features, pick in self._calls:
            cells += features(*pick(inputs))
        return np.array(cells, dtype=np.float64)

    def matrix(self, leads: pd.DataFrame) -> NDArray[np.float64]:
        """Return the features of a lead table, shape (rows, n_features)."""
        out = np.empty((len(leads), sum(len(step.picks) for step in self._steps)))
        for start in range(0, len(leads), CHUNK_ROWS):
            chunk = with_touches(leads.iloc[start : start + CHUNK_ROWS])
            self._fill(out[start : start + len(chunk)], chunk)
        return out

    def fill_velocity(self, matrix: NDArray[np.float64], counts: pd.DataFrame) -> None:
        """Write the features of some velocity columns into the matrix of leads without these columns."""
        table = columns(counts, self._readers)
        first = 0
        for step in self._steps:
            end = first + len(step.picks)
            if step.group.needs == "velocity" and table.keys() >= set(step.group.inputs):
                distinct = combinations(step.group.inputs, table, len(counts))
                matrix[:, first:end] = step.evaluate(distinct.columns)[distinct.codes]
            first = end

    def _fill(self, out: NDArray[np.float64], leads: pd.DataFrame) -> None:
        table = columns(leads, self._readers)
        readers = Counter(name for step in self._steps for name in step.group.inputs)
        by_row: list[tuple[Step, list[list[object]], NDArray[np.float64]]] = []
        first = 0
        for step in self._steps:
            width = len(step.picks)
            target = out[:, first : first + width]
            distinct = combinations(step.group.inputs, table, len(leads), alone=readers[step.group.inputs[0]] == 1)
            if not distinct.by_row:
                target[:] = step.evaluate(distinct.columns)[distinct.codes]
            elif step.group.compute_rows is not None:
                target[:] = step.evaluate(distinct.columns)
            else:
                by_row.append((step, distinct.columns, target))
            first += width
        # The groups take the rows in turns, so that what one derives from a row (the parts of the address, the phone
        # number) is in the small caches when the next one needs it.
        for start in range(0, len(leads), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            for step, columns_of_step, target in by_row:
                target[rows] = step.evaluate([column[rows] for column in columns_of_step])


def _picker(positions: Sequence[int]) -> Callable[[list[Any]], Sequence[Any]]:
    """Return a function that picks elements of a list, as a sequence also where it picks one."""
    if len(positions) == 1:
        return itemgetter(slice(positions[0], positions[0] + 1))
    return itemgetter(*positions)


def input_readers(fields: Sequence[str], extras: Mapping[str, Kind]) -> dict[str, Reader]:
    """Return the reader of each column that features are computed from."""
    return {
        **{name: READERS[name] for name in fields},
        **{f"extras.{column}": extra_groups.READERS[kind] for column, kind in extras.items()},
    }


def compile_steps(
    groups: Iterable[FeatureGroup], names: Sequence[str], vocabularies: Mapping[str, Vocabulary]
) -> tuple[Step, ...]:
    """Return the steps that compute the named features, in the order of the names.

    Raises
    ------
    KeyError
        Where no group has a feature of a name.
    """
    sources = {feature.name: (group, position) for group in groups for position, feature in enumerate(group.features)}
    steps = []
    for _, run in groupby(names, key=lambda name: sources[name][0].name):
        members = list(run)
        picks = tuple((sources[name][1], vocabularies.get(name)) for name in members)
        steps.append(Step(sources[members[0]][0], picks))
    return tuple(steps)

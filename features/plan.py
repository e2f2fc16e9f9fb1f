"""How the features of a spec are computed from the groups: one step per group, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import extras as extra_groups
from features.base import Cell, Group, Kind
from features.vocabulary import Vocabulary
from leadworth.records import Lead

Features = Callable[..., Sequence[Cell]]


@dataclass(frozen=True)
class Step:
    """One group of a spec.

    Attributes
    ----------
    group
        The group.
    picks
        Which of its cells are features of the spec, and the vocabulary of each category.
    """

    group: Group
    picks: tuple[tuple[int, Vocabulary | None], ...]

    @cached_property
    def features(self) -> Features:
        """The features for one combination of the group's inputs, in the order of `picks`."""
        compute, positions = self.group.compute, [position for position, _ in self.picks]
        select = list if len(positions) == len(self.group.features) else _selection(positions)
        categories = [(place, words.codes, words.unseen) for place, (_, words) in enumerate(self.picks) if words]
        if not categories:
            return compute if select is list else lambda *inputs: select(compute(*inputs))

        def features(*inputs: object) -> Sequence[Cell]:
            row = select(compute(*inputs))
            for place, codes, unseen in categories:
                row[place] = codes.get(row[place], unseen)
            return row

        return features


def _selection(positions: Sequence[int]) -> Callable[[Sequence[Cell]], list[Cell]]:
    return lambda cells: [cells[position] for position in positions]


class LeadPlan:
    """The steps of a spec with the positions of their inputs, for leads that are scored one at a time.

    Parameters
    ----------
    steps
        The groups, in order.
    fields
        Fields of the lead that training had; any other is None.
    extras
        Kind of each extra column.
    """

    def __init__(self, steps: Iterable[Step], fields: Sequence[str], extras: Mapping[str, Kind]) -> None:
        self._fields = tuple(fields)
        self._extras = tuple(
            (column, column in Lead.model_fields, extra_groups.READERS[kind]) for column, kind in extras.items()
        )
        names = [*fields, *(f"extras.{column}" for column in extras)]
        position = {name: place for place, name in enumerate(names)}
        self._calls = tuple(
            (step.features, _picked([position.get(name, len(names)) for name in step.group.inputs])) for step in steps
        )

    def vector(self, given: Mapping[str, Any], extras: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the features of one lead, shape (n_features,).

        Parameters
        ----------
        given, extras
            The fields of the lead and its extra columns.
        """
        inputs = [given[name] for name in self._fields]
        inputs += [read(given[name] if own else extras.get(name)) for name, own, read in self._extras]
        inputs.append(None)
        values: list[Cell] = []
        for features, picked in self._calls:
            values += features(*picked(inputs))
        return np.array(values, dtype=np.float64)


def _picked(positions: Sequence[int]) -> Callable[[list[Any]], Sequence[Any]]:
    """Return what picks several elements of a list, always as a sequence."""
    if len(positions) == 1:
        return itemgetter(slice(positions[0], positions[0] + 1))
    return itemgetter(*positions)


def plan(
    groups: Iterable[Group],
    names: tuple[str, ...],
    vocabularies: Mapping[str, Vocabulary],
) -> tuple[Step, ...]:
    """Return the steps that give the features called `names`, in that order."""
    wanted = set(names)
    steps = []
    for group in groups:
        picks = tuple(
            (position, vocabularies.get(feature.name))
            for position, feature in enumerate(group.features)
            if feature.name in wanted
        )
        if picks:
            steps.append(Step(group, picks))
    return tuple(steps)

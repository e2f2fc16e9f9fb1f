"""How the features of a spec are drawn from the groups: one step per group, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import extras as extra_groups
from features.base import NAN, Cell, Group, Kind
from features.vocabulary import Vocabulary
from leadworth.records import Lead

Values = Mapping[str, Any]
Read = Callable[[Values, Values], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One group of a spec: how its inputs are read from a lead and which of its cells are wanted."""

    group: Group
    field: str | None
    read: Read
    picks: tuple[tuple[int, Vocabulary | None], ...]

    @property
    def as_they_are(self) -> bool:
        """Whether all cells are wanted and none is a category."""
        return len(self.picks) == len(self.group.features) and all(words is None for _, words in self.picks)

    def encode(self, rows: list[tuple[Cell, ...]]) -> NDArray[np.float64]:
        """Return the features of many evaluated rows, shape (len(rows), number of picks)."""
        out = np.empty((len(rows), len(self.picks)))
        for at, (position, words) in enumerate(self.picks):
            if words is None:
                out[:, at] = [row[position] for row in rows]
            else:
                codes, unseen = words.codes, words.unseen
                out[:, at] = [codes.get(row[position], unseen) for row in rows]
        return out


def _coded(step: Step) -> tuple[tuple[int, Mapping[Cell, float] | None, float], ...]:
    return tuple(
        (position, None, NAN) if words is None else (position, words.codes, words.unseen)
        for position, words in step.picks
    )


class Walk:
    """The steps of a spec for one lead after the other, with all that can be settled beforehand settled."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = tuple(
            (step.group.compute, step.field, step.read, None if step.as_they_are else _coded(step)) for step in steps
        )

    def values(self, fields: Values, extras: Values) -> list[float]:
        """Return the features of one lead."""
        out: list[Any] = []
        for compute, field, read, picks in self._steps:
            cells = compute(*read(fields, extras)) if field is None else compute(fields[field])
            if picks is None:
                out += cells
                continue
            for position, codes, unseen in picks:
                cell = cells[position]
                out.append(cell if codes is None else codes.get(cell, unseen))
        return out


def plan(
    groups: Iterable[Group],
    names: tuple[str, ...],
    fields: tuple[str, ...],
    extras: Mapping[str, Kind],
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
            steps.append(Step(group, _only(group, fields), _read(group, fields, extras), picks))
    return tuple(steps)


def _only(group: Group, fields: tuple[str, ...]) -> str | None:
    """Return the group's input where it has one only, of the lead's own fields."""
    return group.inputs[0] if len(group.inputs) == 1 and group.inputs[0] in fields else None


def _read(group: Group, fields: tuple[str, ...], extras: Mapping[str, Kind]) -> Read:
    """Return a reader of the group's inputs; a field that training did not have is None."""
    first = group.inputs[0]
    if first.startswith("extras."):
        column = first.removeprefix("extras.")
        clean = extra_groups.READERS[extras[column]]
        if column in Lead.model_fields:
            return lambda held, _: (clean(held[column]),)
        return lambda _, others: (clean(others.get(column)),)
    if set(group.inputs) <= set(fields):
        take = itemgetter(*group.inputs)
        return lambda held, _: take(held)
    allowed = tuple(name if name in fields else None for name in group.inputs)
    return lambda held, _: tuple([None if name is None else held[name] for name in allowed])

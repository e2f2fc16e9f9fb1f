"""How the features of a spec are drawn from the groups: one step per group, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features import extras as extra_groups
from features.base import Cell, Group, Kind
from features.vocabulary import Vocabulary
from leadworth.records import Lead

Values = Mapping[str, Any]
Walk = Callable[[Values, Values], list[float]]
"""From the fields of a lead and its extras to its features."""


@dataclass(frozen=True, slots=True)
class Step:
    """One group of a spec, and which of its cells are wanted."""

    group: Group
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


def walk(steps: Iterable[Step], fields: Iterable[str], extras: Mapping[str, Kind]) -> Walk:
    """Return a function that gives the features of one lead.

    It is written out as source, as `dataclasses` does: one line a group and no loop, which saves half of
    the time that the features of a lead take.

    Parameters
    ----------
    steps
        The groups, in order.
    fields
        Fields of the lead that training had; any other is None.
    extras
        Kind of each extra column.
    """
    names: dict[str, Any] = {}
    lines, cells = [], []
    for number, step in enumerate(steps):
        names[f"compute{number}"] = step.group.compute
        given = ", ".join(_input(name, fields, extras, names) for name in step.group.inputs)
        lines.append(f"    cells{number} = compute{number}({given})\n")
        if step.as_they_are:
            cells.append(f"*cells{number}")
            continue
        for position, words in step.picks:
            cell = f"cells{number}[{position}]"
            if words is not None:
                names[f"code{len(cells)}"], names[f"unseen{len(cells)}"] = words.codes.get, words.unseen
                cell = f"code{len(cells)}({cell}, unseen{len(cells)})"
            cells.append(cell)
    exec(f"def values(fields, others):\n{''.join(lines)}    return [{', '.join(cells)}]\n", names)
    made: Walk = names["values"]
    return made


def _input(name: str, fields: Iterable[str], extras: Mapping[str, Kind], names: dict[str, Any]) -> str:
    """Return the source that reads one input, and add what it calls to `names`."""
    column = name.removeprefix("extras.")
    if column == name:
        return f"fields[{name!r}]" if name in fields else "None"
    kind = extras[column]
    names[f"clean_{kind}"] = extra_groups.READERS[kind]
    return f"clean_{kind}(" + (f"fields[{column!r}])" if column in Lead.model_fields else f"others.get({column!r}))")


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

"""The ordered list of features that a model was trained on, and their values for leads.

A spec is data: names, vocabularies, the fields and extra columns of the training table, and the
versions of the groups' definitions. Its hash stands for all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self

import numpy as np
import pandas as pd

from features import extras as extra_groups
from features.base import Cell, Feature, Group, Kind
from features.groups import GROUPS
from features.plan import LeadPlan, Step, plan
from features.table import READERS, Codes, Reader, columns, combinations
from features.vocabulary import Vocabulary, learn
from leadworth.arrays import Matrix, Vector
from leadworth.errors import BundleError
from leadworth.records import Lead

FORMAT = 1
CHUNK_ROWS = 100_000


@dataclass(frozen=True)
class FeatureSpec:
    """Which features, in which order, with which categories.

    Examples
    --------
    >>> table = pd.DataFrame({"lead_id": ["1", "2"], "email": ["ada@acme.example", "bob@gmail.com"]}, dtype="str")
    >>> spec = fit_spec(table, {})
    >>> spec.vector(Lead(email="eve@gmail.com"))[spec.names.index("email_free")]
    np.float64(1.0)
    >>> spec.describe("email_free", 1.0)
    'E-mail at a free provider'
    >>> FeatureSpec.from_json(spec.to_json()) == spec
    True
    """

    names: tuple[str, ...]
    categorical: tuple[str, ...]
    extras: dict[str, Kind]
    fields: tuple[str, ...]
    vocabularies: dict[str, Vocabulary] = field(repr=False)
    hash: str = field(init=False)
    _features: dict[str, Feature] = field(init=False, repr=False, compare=False)
    _steps: tuple[Step, ...] = field(init=False, repr=False, compare=False)
    _lead_plan: LeadPlan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = {feature.name: feature for group in groups_of(self.extras) for feature in group.features}
        absent = [name for name in self.names if name not in known]
        if absent:
            raise BundleError(
                f"the feature spec names {', '.join(absent)}, which this version of leadworth does not have",
                do="train again with this version, or install the version that trained the model",
            )
        object.__setattr__(self, "_features", {name: known[name] for name in self.names})
        steps = plan(groups_of(self.extras), self.names, self.vocabularies)
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "_lead_plan", LeadPlan(steps, self.fields, self.extras))
        object.__setattr__(self, "hash", hashlib.sha256(_canonical(self._content()).encode()).hexdigest())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self.to_json(),)

    def vector(self, lead: Lead) -> Vector:
        """Return the features of one lead.

        Returns
        -------
        Array of shape (n_features,); missing is nan.
        """
        return self._lead_plan.vector(lead.__dict__, lead.extras)

    def matrix(self, leads: pd.DataFrame) -> Matrix:
        """Return the features of a lead table.

        Returns
        -------
        Array of shape (rows, n_features); missing is nan.
        """
        out = np.empty((len(leads), len(self.names)))
        for start in range(0, len(leads), CHUNK_ROWS):
            chunk = leads.iloc[start : start + CHUNK_ROWS]
            table = columns(chunk, _readers(self.fields, self.extras))
            at = 0
            for step in self._steps:
                found = combinations(step.group.inputs, table, len(chunk))
                end, features = at + len(step.picks), step.features
                rows = [features(*inputs) for inputs in found.inputs]
                cells = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * len(step.picks))
                values = cells.reshape(len(rows), len(step.picks))
                out[start : start + len(chunk), at:end] = values[found.codes]
                at = end
        return out

    def describe(self, name: str, value: float) -> str:
        """Return the value of a feature in plain words, as a reason shows it.

        Raises
        ------
        KeyError
            Where the spec has no feature of this name.
        """
        words = self.vocabularies.get(name)
        return self._features[name].describe(value, words.name(value) if words else None)

    def monotone(self) -> tuple[int, ...]:
        """Return the constraint of each feature on the win probability: +1, -1 or 0."""
        return tuple(self._features[name].monotone for name in self.names)

    def junk_monotone(self) -> tuple[int, ...]:
        """Return the constraint of each feature on the junk probability: +1, -1 or 0."""
        return tuple(self._features[name].junk for name in self.names)

    def junk_only(self) -> tuple[int, ...]:
        """Return the positions of the features that the win and revenue models must not use."""
        return tuple(place for place, name in enumerate(self.names) if self._features[name].use == "junk")

    def to_json(self) -> str:
        """Return the spec as canonical JSON: equal specs give equal text."""
        return _canonical({**self._content(), "hash": self.hash})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a spec.

        Raises
        ------
        BundleError
            Where the text is no spec of this format, was changed, or was fitted with other definitions.
        """
        content = _checked(text)
        spec = cls(
            names=tuple(content["names"]),
            categorical=tuple(content["categorical"]),
            extras=dict(content["extras"]),
            fields=tuple(content["fields"]),
            vocabularies={
                name: Vocabulary(tuple(words["keys"]), words["rare"]) for name, words in content["vocabularies"].items()
            },
        )
        if spec.hash != content["hash"]:
            raise BundleError(
                f"the feature spec has hash {content['hash']}, its content gives {spec.hash}",
                do="use the bundle as it was saved, or train again with this version of leadworth",
            )
        return spec

    def _content(self) -> dict[str, Any]:
        used = {step.group.name: step.group.version for step in self._steps}
        return {
            "format": FORMAT,
            "names": self.names,
            "categorical": self.categorical,
            "extras": self.extras,
            "fields": self.fields,
            "groups": used,
            "vocabularies": {name: {"keys": v.keys, "rare": v.rare} for name, v in self.vocabularies.items()},
        }


def groups_of(extras: Mapping[str, Kind]) -> tuple[Group, ...]:
    """Return the groups of the standard fields, then one for each extra column in order of its name."""
    return (*GROUPS, *(extra_groups.group(column, extras[column]) for column in sorted(extras)))


def fit_spec(leads: pd.DataFrame, extras: Mapping[str, Kind]) -> FeatureSpec:
    """Learn which features a training table carries, and their categories.

    A group whose fields the table lacks is left out, as is a feature that is the same for every lead;
    those that rules rely on stay wherever their field is.

    Parameters
    ----------
    leads
        Lead table of the training part only.
    extras
        Kind of each declared extra column; the table holds it as ``extras.<column>``.
    """
    present = tuple(name for name in READERS if name in leads.columns and name != "lead_id")
    held = {name: extras[name] for name in sorted(extras) if f"extras.{name}" in leads.columns}
    table = columns(leads, _readers(present, held))
    names: list[str] = []
    vocabularies: dict[str, Vocabulary] = {}
    for group in groups_of(held):
        if table.keys() & set(group.inputs):
            found = combinations(group.inputs, table, len(leads))
            rows = [group.compute(*inputs) for inputs in found.inputs]
            for feature, vocabulary in _informative(group, rows, found.codes, present):
                names.append(feature.name)
                if vocabulary is not None:
                    vocabularies[feature.name] = vocabulary
    return FeatureSpec(tuple(names), tuple(vocabularies), held, present, vocabularies)


def _informative(
    group: Group, rows: list[tuple[Cell, ...]], codes: Codes, present: tuple[str, ...]
) -> Iterator[tuple[Feature, Vocabulary | None]]:
    """Give the features that differ between leads, or must stay, with the categories of each."""
    weights = np.bincount(codes % len(rows), minlength=len(rows)).tolist()
    seen = [row for row, weight in zip(rows, weights, strict=True) if weight]
    for position, feature in enumerate(group.features):
        vocabulary = None
        if feature.kind == "category":
            counts: Counter[str] = Counter()
            for row, weight in zip(rows, weights, strict=True):
                if weight and isinstance(word := row[position], str):
                    counts[word] += weight
            vocabulary = learn(counts)
        encode = vocabulary.code if vocabulary else None
        different = {repr(encode(row[position]) if encode else row[position]) for row in seen}
        if len(different) > 1 or set(feature.keep_with) & set(present):
            yield feature, vocabulary


def _readers(fields: tuple[str, ...], extras: Mapping[str, Kind]) -> dict[str, Reader]:
    return {
        **{name: READERS[name] for name in fields},
        **{f"extras.{column}": extra_groups.READERS[kind] for column, kind in extras.items()},
    }


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _checked(text: str) -> dict[str, Any]:
    """Parse the text of a spec and refuse what this version cannot serve."""
    try:
        content = json.loads(text)
        version, versions = content["format"], content["groups"]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError("the feature spec is not readable JSON of a spec", do="use the bundle as saved") from error
    if version != FORMAT:
        raise BundleError(
            f"the feature spec has format {version}",
            allowed=f"format {FORMAT}",
            do="train again with this version of leadworth, or install the version that trained the model",
        )
    ours = {group.name: group.version for group in groups_of(content["extras"])}
    other = sorted(name for name, theirs in versions.items() if ours.get(name) != theirs)
    if other:
        raise BundleError(
            f"the feature spec was fitted with other definitions of {', '.join(other)}",
            do="train again with this version of leadworth, or install the version that trained the model",
        )
    return dict(content)

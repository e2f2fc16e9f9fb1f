"""Feature spec: the ordered features that a model was trained on, and how to compute them.

A spec is data: names of features, vocabularies of categories, fields and extra columns of the training table,
and the versions of the groups. Its hash is the sha256 of its canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import pandas as pd

from features.category_codes import Vocabulary
from features.collected_touches import LW_DATA
from features.feature_compiler import CompiledFeatures, compile_steps
from features.feature_group import Kind, Need
from features.groups import all_groups
from leadworth.arrays import Matrix, Vector
from leadworth.errors import BundleError
from leadworth.records import Lead

FORMAT = 1
"""Field with the collector's data; without it in training, no feature of the collector has a value."""


class FeatureSpec:
    """Ordered features with their categories. Immutable; equal where the hashes are equal.

    Parameters
    ----------
    names
        Names of the features, in order.
    categorical
        Names of those that are categories.
    extras
        Kind of each extra column.
    fields
        Fields of the training table; all other fields are treated as missing.
    vocabularies
        Vocabulary of each category.

    Attributes
    ----------
    hash
        sha256 of the content, in hexadecimal digits.
    needs
        What its features need besides their columns; see `features.feature_group.FeatureGroup`.

    Raises
    ------
    BundleError
        Where this version of leadworth lacks a feature.

    Examples
    --------
    >>> from features.lead_cells import fit_spec
    >>> table = pd.DataFrame({"lead_id": ["1", "2"], "email": ["ada@acme.example", "bob@gmail.com"]}, dtype="str")
    >>> spec = fit_spec(table, {})
    >>> spec.vector(Lead(email="eve@gmail.com"))[spec.names.index("email_free")]
    np.float64(1.0)
    >>> spec.describe("email_free", 1.0)
    'E-mail at a free provider'
    >>> FeatureSpec.from_json(spec.to_json()) == spec
    True
    """

    def __init__(
        self,
        names: Sequence[str],
        categorical: Sequence[str],
        extras: Mapping[str, Kind],
        fields: Sequence[str],
        vocabularies: Mapping[str, Vocabulary],
    ) -> None:
        self.names = tuple(names)
        self.categorical = tuple(categorical)
        self.extras = dict(extras)
        self.fields = tuple(fields)
        self.vocabularies = dict(vocabularies)
        groups = all_groups(self.extras)
        available = {feature.name: feature for group in groups for feature in group.features}
        absent = [name for name in self.names if name not in available]
        if absent:
            raise BundleError(
                f"the feature spec names {', '.join(absent)}, which this version of leadworth does not have",
                do="train again with this version, or install the version that trained the model",
            )
        self._features = {name: available[name] for name in self.names}
        steps = compile_steps(groups, self.names, self.vocabularies)
        self._versions = {step.group.name: step.group.version for step in steps}
        used = {step.group.needs for step in steps}
        self.needs: frozenset[Need] = frozenset(used if LW_DATA in self.fields else used - {"collector"})
        self._compiled = CompiledFeatures(steps, self.fields, self.extras)
        self.hash = hashlib.sha256(_canonical(self._content()).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeatureSpec) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        return f"FeatureSpec({len(self.names)} features, hash={self.hash[:12]!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self.to_json(),)

    def vector(self, lead: Lead) -> Vector:
        """Return the features of one lead.

        Returns
        -------
        Array of shape (n_features,); missing is nan.
        """
        return self._compiled.vector(lead)

    def matrix(self, leads: pd.DataFrame) -> Matrix:
        """Return the features of a lead table.

        Returns
        -------
        Array of shape (rows, n_features); missing is nan.
        """
        return self._compiled.matrix(leads)

    def fill_velocity(self, matrix: Matrix, counts: pd.DataFrame) -> None:
        """Write the features of some velocity columns into the matrix of leads without these columns."""
        self._compiled.fill_velocity(matrix, counts)

    def describe(self, name: str, value: float) -> str:
        """Return the value of a feature in plain words, as a reason shows it.

        Raises
        ------
        KeyError
            Where the spec has no feature of this name.
        """
        vocabulary = self.vocabularies.get(name)
        return self._features[name].describe(value, vocabulary.name(value) if vocabulary else None)

    def label(self, name: str) -> str:
        """Return what a feature measures, in words."""
        return self._features[name].label

    def monotone(self) -> tuple[int, ...]:
        """Return the constraint of each feature on the win probability: +1, -1 or 0."""
        return tuple(self._features[name].monotone for name in self.names)

    def junk_monotone(self) -> tuple[int, ...]:
        """Return the constraint of each feature on the junk probability: +1, -1 or 0."""
        return tuple(self._features[name].junk for name in self.names)

    def junk_only(self) -> tuple[int, ...]:
        """Return the positions of the features that the win and revenue models must not use."""
        return tuple(index for index, name in enumerate(self.names) if self._features[name].use == "junk")

    def to_json(self) -> str:
        """Return the spec as canonical JSON: equal specs give equal text."""
        return _canonical({**self._content(), "hash": self.hash})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a spec.

        Raises
        ------
        BundleError
            Where the text is not a spec of this format, was changed, or was fitted with other versions of groups.
        """
        content = _checked(text)
        spec = cls(
            names=content["names"],
            categorical=content["categorical"],
            extras=content["extras"],
            fields=content["fields"],
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
        return {
            "format": FORMAT,
            "names": self.names,
            "categorical": self.categorical,
            "extras": self.extras,
            "fields": self.fields,
            "groups": self._versions,
            "vocabularies": {name: {"keys": v.keys, "rare": v.rare} for name, v in self.vocabularies.items()},
        }


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _checked(text: str) -> dict[str, Any]:
    """Parse the JSON of a spec; refuse another format and other versions of groups."""
    try:
        content = json.loads(text)
        version = content["format"]
        versions = content["groups"]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError("the text is not the JSON of a feature spec", do="use the bundle as it was saved") from error
    if version != FORMAT:
        raise BundleError(
            f"the feature spec has format {version}",
            allowed=f"format {FORMAT}",
            do="train again with this version of leadworth, or install the version that trained the model",
        )
    current = {group.name: group.version for group in all_groups(content["extras"])}
    changed = sorted(name for name, version in versions.items() if current.get(name) != version)
    if changed:
        raise BundleError(
            f"the feature spec was fitted with other definitions of {', '.join(changed)}",
            do="train again with this version of leadworth, or install the version that trained the model",
        )
    return dict(content)

"""The model bundle: feature spec, models and decision policy as one folder of plain data, and scoring with it.

The folder contains::

    manifest.json        sha256 of each file below, format, feature-spec hash, leadworth version
    features.json        the feature spec
    policy.toml          the policy, as written
    meta.json            currency, horizon, economics, as-of date, data fingerprint, seed, counts
    reference.json       distribution of each feature among the training leads
    inputs.json          the inputs among the training leads: share without them, sample of their features
    worth/...            the models: LightGBM text and JSON

The same data and seed give the same bytes. The time of training and the version in the registry are therefore
in a file that is not hashed, ``registered.json``.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

import leadworth
from features.feature_spec import FeatureSpec
from leadworth.arrays import Flags, Matrix, Vector
from leadworth.errors import BundleError
from leadworth.records import SCORE_COLUMNS, Lead, ReasonStyle, Score
from leadworth.value_unit import value_unit
from models.drift_baseline import DriftBaseline
from models.junk_model import JunkModel
from models.manifest import NAME, Manifest, canonical, read_manifest
from models.mql_economics import MqlEconomics
from models.np_threshold import Threshold
from models.policy import Policy
from models.policy_engine import PolicyEngine, RuleResults, Scores
from models.score_explainer import ScoreExplainer
from models.scorecard import SignCheck
from models.scored_leads import LeadFeatures, Scored
from models.text_column import TextColumn
from models.value_interval import ValueIntervals
from models.value_model import LeadValueModel

REGISTERED = "registered.json"


class BundleMetadata(BaseModel):
    """Metadata of a bundle: currency, horizon, economics and training data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    horizon_days: int = Field(gt=0)
    margin: float = Field(gt=0, le=1)
    touch_cost: float = Field(ge=0)
    as_of: AwareDatetime | None = Field(None, description="Snapshot; None where the leads have no dates")
    data_fingerprint: str = Field("", description="sha256 of the training tables")
    seed: int = 7
    counts: dict[str, int] = Field({}, description="Leads, wins, junk ... of the training table")
    intervals: ValueIntervals | None = Field(None, description="Intervals of sums of values; None without a backtest")
    least_probability: float = Field(
        0.0, description="Win probability that an MQL needs without revenue in the history"
    )
    switched_off: tuple[str, ...] = Field((), description="Rules of the policy that the outcomes contradict")
    checkboxes: dict[str, bool] = Field(
        {}, description="Column of won or lost -> whether it never said no in the history, so that empty means no"
    )


class Registered(BaseModel):
    """Registry entry of a bundle: model name, version and registration time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    version: str
    trained_at: AwareDatetime | None = None


class DecisionTrace(NamedTuple):
    """Intermediate results of a decision, stored so that it can be replayed.

    Attributes
    ----------
    junk_log_odds
        The junk score.
    threshold
        The Neyman-Pearson threshold that applied; None where no junk score rejects.
    results
        Which checks and rules of the policy hold.
    """

    junk_log_odds: float
    threshold: Threshold | None
    results: RuleResults


class Bundle:
    """Feature spec, models and decision policy that together score leads.

    Parameters
    ----------
    spec
        Feature spec.
    worth
        Lead value model.
    policy
        Decision policy.
    meta
        Currency, horizon, economics and training data.
    reference
        Distribution of each feature among the training leads; None where it was not recorded.
    registered
        Entry in the registry; None for a bundle that was not fetched from one.
    bundle_id
        sha256 over the files; computed if empty.

    Attributes
    ----------
    id
        sha256 over the files.
    version
        Version in the registry, or the first 12 digits of `id`.
    """

    def __init__(
        self,
        spec: FeatureSpec,
        value_model: LeadValueModel,
        policy: Policy,
        meta: BundleMetadata,
        reference: DriftBaseline | None = None,
        registered: Registered | None = None,
        bundle_id: str = "",
    ) -> None:
        self.spec = spec
        self.value_model = value_model
        self.policy = policy
        self.meta = meta
        self.reference = reference
        self.registered = registered
        self.id = bundle_id or self.manifest().id
        self.version = registered.version if registered else self.id[:12]
        self._engine = PolicyEngine(
            policy,
            {name: index for index, name in enumerate(spec.names)},
            spec.fields,
            MqlEconomics(
                meta.margin,
                meta.touch_cost,
                value_unit(meta.currency),
                not value_model.revenue.unit,
                meta.least_probability,
            ),
            switched_off=meta.switched_off,
        )
        self._explainer = ScoreExplainer(spec, value_model)
        junk = value_model.junk
        self._sign_check = SignCheck(junk.rules if isinstance(junk, JunkModel) else junk, spec.names)

    @property
    def trained_at(self) -> datetime | None:
        """Time of registration; None for a bundle that was not fetched from a registry."""
        return self.registered.trained_at if self.registered else None

    def score(self, lead: Lead, *, scored_at: datetime, age_days: float | None = None) -> Score:
        """Score one lead.

        Parameters
        ----------
        lead
            The lead, as known at submit.
        scored_at
            Time stamp of the score.
        age_days
            Days since submit of a lead that is still open; None: at submit.
        """
        row, _ = self.decide(lead, self.spec.vector(lead), scored_at=scored_at, age_days=age_days)
        return Score.model_validate({**row, "reasons": from_json(row["reasons"])})

    def decide(
        self, lead: Lead, vector: Vector, *, scored_at: datetime, age_days: float | None = None
    ) -> tuple[dict[str, Any], DecisionTrace]:
        """Score one lead; return the fields of a `Score`, with ``reasons`` as JSON text, and the intermediate results.

        Parameters
        ----------
        lead, scored_at, age_days
            As for `score`.
        vector
            `spec.vector(lead)`.
        """
        matrix = vector.reshape(1, -1)
        scored = self._score(matrix, _ages(age_days), self._engine.fields_of_lead(lead))
        row = {"lead_id": lead.lead_id, "scored_at": scored_at, **scored.row(0)}
        threshold = self.value_model.guarantee.thresholds[int(scored.thresholds[0])]
        return row, DecisionTrace(float(scored.junk_log_odds[0]), threshold, self._engine.results(scored.holds[0]))

    def replay(self, vector: Vector, results: RuleResults, age_days: float | None) -> tuple[dict[str, Any], float]:
        """Compute a score again from a stored decision, without the lead.

        Parameters
        ----------
        vector
            Features of the decision.
        results
            Rule results of the decision.
        age_days
            As for `score`.

        Returns
        -------
        tuple
            The fields of a `Score` except ``lead_id`` and ``scored_at``, and the junk log-odds.
        """
        scored = self._score(vector.reshape(1, -1), _ages(age_days), results)
        return scored.row(0), float(scored.junk_log_odds[0])

    def _score(
        self, matrix: Matrix, age_days: Vector | None, fields: Matrix | RuleResults, style: ReasonStyle = "json"
    ) -> Scored:
        """Score n leads from features, ages and the policy's fields, or one lead from its stored rule results."""
        value_model, engine = self.value_model, self._engine
        predicted, contributions = value_model.explain(matrix, age_days)
        scores = Scores(
            predicted.win_probability,
            predicted.expected_revenue,
            predicted.junk_probability,
            predicted.automation_probability,
        )
        holds = engine.holds(fields) if isinstance(fields, RuleResults) else engine.evaluate(fields, matrix, scores)
        thresholds = value_model.thresholds(matrix)
        rejects = predicted.junk_log_odds > value_model.guarantee.log_odds[thresholds]
        if rejects.any():
            rejects &= self._sign_check.sufficient(matrix)
        decisions = engine.decide(holds, scores, rejects)
        suspects = np.flatnonzero(scores.junk_probability >= self.policy.verdict.review_junk)
        reasons = self._explainer.texts(matrix, contributions, suspects, decisions.rules, style)
        columns = {
            "model_version": [self.version] * len(matrix),
            "win_probability": scores.win_probability,
            "expected_revenue": scores.expected_revenue,
            "predicted_value": scores.win_probability * scores.expected_revenue,
            "currency": [self.meta.currency] * len(matrix),
            "junk_probability": scores.junk_probability,
            "automation_probability": scores.automation_probability,
            "verdict": decisions.verdict,
            "mql": decisions.mql,
            "mql_reason": decisions.mql_reason,
            "reasons": reasons,
        }
        return Scored(columns, holds, predicted.junk_log_odds, thresholds)

    def score_table(
        self,
        leads: pd.DataFrame,
        *,
        scored_at: datetime,
        age_days: Vector | None = None,
        features: LeadFeatures | None = None,
        reasons: ReasonStyle = "json",
    ) -> pd.DataFrame:
        """Score a lead table with the same results as `score`.

        Parameters
        ----------
        leads
            The leads, as known at submit.
        scored_at, age_days
            As for `score`; one age per lead, shape (n,).
        features
            `features(leads)`, where they are computed already; then the leads need no column.
        reasons
            Whether ``reasons`` is JSON text, the three main ones in plain words, or empty.

        Returns
        -------
        pandas.DataFrame
            ``lead_id`` and the columns of a score, in the order of the rows.
        """
        matrix, fields = self.features(leads) if features is None else features
        scored = self._score(matrix, age_days, fields, reasons)
        columns = {
            "scored_at": pd.Series(scored_at, index=pd.RangeIndex(len(leads)), dtype="datetime64[us, UTC]"),
            **{name: _series(column) for name, column in scored.columns.items()},
        }
        table = pd.DataFrame({name: columns[name] for name in SCORE_COLUMNS}, index=pd.RangeIndex(len(leads)))
        ids = leads["lead_id"].to_numpy() if "lead_id" in leads.columns else [None] * len(leads)
        table.insert(0, "lead_id", pd.Series(ids, dtype="str"))
        return table

    def features(self, leads: pd.DataFrame) -> LeadFeatures:
        """Return the features of a lead table and the fields of the policy."""
        return LeadFeatures(self.spec.matrix(leads), self._engine.fields_of_table(leads))

    def fill_velocity(self, features: LeadFeatures, counts: pd.DataFrame) -> None:
        """Fill in what depends on some velocity columns, in features of leads without these columns."""
        self.spec.fill_velocity(features.matrix, counts)
        self._engine.fill_fields(features.fields, counts)

    def verdict_rules(self, leads: pd.DataFrame) -> Flags:
        """Return which rules of the verdict hold for a lead table, shape (rows, rules), in the order of the policy."""
        matrix, fields = self.features(leads)
        scored = self._score(matrix, None, fields, "none")
        return self._engine.verdict_rules(scored.holds)

    def files(self) -> dict[str, bytes]:
        """Return the files of the folder, without the manifest."""
        return {
            "features.json": self.spec.to_json().encode(),
            "policy.toml": self.policy.text.encode(),
            "meta.json": canonical(self.meta.model_dump(mode="json")).encode(),
            **(self.reference.files() if self.reference else {}),
            **{f"worth/{name}": content for name, content in self.value_model.files().items()},
        }

    def manifest(self) -> Manifest:
        """Return the manifest of the files."""
        return self._manifest_of(self.files())

    def _manifest_of(self, files: dict[str, bytes]) -> Manifest:
        return Manifest.of(files, features_hash=self.spec.hash, leadworth=leadworth.__version__)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the bundle into a folder, the manifest last."""
        root = Path(folder)
        files = self.files()
        for name, content in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        (root / NAME).write_bytes(self._manifest_of(files).to_bytes())
        if self.registered:
            (root / REGISTERED).write_text(self.registered.model_dump_json(), encoding="utf-8")
        return root

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read a bundle and check it against its manifest.

        Raises
        ------
        BundleError
            If a file is missing or was changed, the feature spec does not match, or the format is newer.
        """
        root = Path(folder)
        manifest = read_manifest(root)
        files = manifest.read(root)
        try:
            spec = FeatureSpec.from_json(files["features.json"].decode())
            policy = Policy.from_text(files["policy.toml"].decode(), str(root / "policy.toml"))
            meta = BundleMetadata.model_validate_json(files["meta.json"])
        except (KeyError, ValueError) as error:
            raise BundleError(f"the bundle in {root} cannot be read: {error}", do="train again") from error
        if spec.hash != manifest.features_hash:
            raise BundleError(
                f"the bundle in {root} was made for the features {manifest.features_hash[:12]}",
                allowed=f"{spec.hash[:12]}, those of its feature spec",
                do="train again with this version of leadworth",
            )
        parts = {name.removeprefix("worth/"): content for name, content in files.items() if name.startswith("worth/")}
        reference = DriftBaseline.from_files(files)
        return cls(spec, LeadValueModel.from_files(parts), policy, meta, reference, _registered(root), manifest.id)


def _series(column: Any) -> Any:
    """Return a column of `Scored` for a table."""
    if isinstance(column, TextColumn):
        return column.series()
    if isinstance(column, np.ndarray):
        return column
    return pd.Series(pd.array(pa.array(column, pa.large_string()), dtype="str"))


def _ages(age_days: float | None) -> Vector | None:
    return None if age_days is None else np.array([age_days])


def _registered(root: Path) -> Registered | None:
    file = root / REGISTERED
    try:
        return Registered.model_validate_json(file.read_bytes()) if file.is_file() else None
    except ValidationError as error:
        raise BundleError(f"{file} cannot be read", do="fetch the bundle again from the registry") from error

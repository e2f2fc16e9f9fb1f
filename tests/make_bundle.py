"""Small bundle for tests, trained on a few hundred generated leads in less than a second."""

from __future__ import annotations

from datetime import UTC, datetime

import lightgbm
import numpy as np
import pandas as pd

from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.records import Lead
from models.bundle import Bundle, BundleMetadata
from models.calibration import Platt
from models.category_effects import CategoryEffects
from models.channel_drift import ChannelDrift
from models.drift_baseline import DriftBaseline
from models.input_baseline import input_baselines
from models.junk_model import JunkModel
from models.loss_censoring import LossCensoring
from models.np_threshold import NeymanPearsonThreshold, Threshold
from models.policy import Policy
from models.revenue_model import RevenueModel
from models.scorecard import Scorecard
from models.trees import Trees
from models.value_model import LeadValueModel

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def make_leads(rows: int = 400, seed: int = 7) -> pd.DataFrame:
    """Return a lead table."""
    rng = np.random.default_rng(seed)

    def pick(*choices: str | None) -> pd.Series:
        return pd.Series(rng.choice(np.array(choices, dtype=object), rows), dtype="str")

    name = pick("ada", "grace", "test", "info", "xkqzwv")
    domain = pick("acme.io", "gmail.com", "mailinator.com", "plant.it")
    table = {
        "lead_id": pd.Series([f"L{number}" for number in range(rows)], dtype="str"),
        "submitted_at": pd.Series(pd.date_range("2026-01-01", periods=rows, freq="3h", tz="UTC", unit="us")),
        "email": (name + "@" + domain).where(rng.random(rows) > 0.1),
        "first_name": pick("Ada", "Grace", "Xkqzwv", None),
        "phone": pick("+39 06 6982", "+49 30 901820", "123", None),
        "company": pick("Acme", "Plant srl", None),
        "job_title": pick("CEO", "Head of Buying", None),
        "employees": pd.Series(rng.choice([5.0, 50.0, 900.0, np.nan], rows)),
        "message": pick("Please send a quote for 20 seats", "visit http://spam.ru now http://x.ru", None),
        "source": pick("google", "linkedin", "fair", None),
        "entry": pick("form", "import", None),
        "user_agent": pick("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0", "python-requests/2.32", None),
        "form_seconds": pd.Series(rng.exponential(30.0, rows)),
        "demo_requested": pd.Series(rng.choice([0.0, 1.0, np.nan], rows)),
        "honeypot_filled": pd.Series(rng.choice([0.0, 0.0, 1.0, np.nan], rows)),
        "webdriver": pd.Series(rng.choice([0.0, 0.0, 1.0, np.nan], rows)),
        "extras.Seats": pd.Series(rng.poisson(20, rows).astype(float)),
        "extras.Plan": pick("basic", "pro", None),
    }
    return pd.DataFrame(table)


def lead_of(row: pd.Series) -> Lead:
    """Return a row of a lead table as received over HTTP."""
    values = {str(name).removeprefix("extras."): value for name, value in row.items() if not pd.isna(value)}
    return Lead(**values)


def make_bundle(
    rows: int = 400,
    seed: int = 7,
    trees: int = 20,
    policy: Policy | None = None,
    leads: pd.DataFrame | None = None,
) -> Bundle:
    """Return a bundle trained on `make_leads`, or on other leads with the same columns."""
    leads = make_leads(rows, seed) if leads is None else leads
    rows = len(leads)
    spec = fit_spec(leads, {"Seats": "numeric", "Plan": "categorical"})
    matrix = spec.matrix(leads)
    rng = np.random.default_rng(seed)
    good = leads["company"].notna().to_numpy() & (leads["employees"] > 10).to_numpy()
    bad = leads["message"].str.contains("spam", na=False).to_numpy()
    if "recent_ip_24h" in leads:
        bad = bad | (leads["recent_ip_24h"] % 2 == 1).to_numpy() | (leads["domain_age_days"] > 20).to_numpy()
    won = (rng.random(rows) < np.where(good, 0.5, 0.1)) & ~bad
    size = np.log(np.where(good, 5_000.0, 400.0)) + rng.normal(0.0, 0.5, rows)
    value_model = LeadValueModel(
        names=spec.names,
        channel=spec.names.index("campaign_source"),
        intercept=-0.3,
        win=_trees(spec, matrix, won, "binary", trees),
        platt=Platt(0.1, 0.9),
        drift=ChannelDrift(),
        junk=JunkModel(
            _trees(spec, matrix, bad, "binary", trees), Scorecard(0.0, Scorecard.shipped("junk").rules), -0.2, 1.5
        ),
        revenue=RevenueModel(
            6.0,
            _trees(spec, matrix, size - 6.0, "regression", trees),
            0.5,
            1.1,
            {0: 1.2},
            CategoryEffects({spec.names.index("campaign_source"): {0: 0.1, 1: -0.2}}),
        ),
        delay=None,
        closing=LossCensoring(),
        automation=Scorecard.shipped("bot_score"),
        guarantee=NeymanPearsonThreshold(0.005, 0.05, 700, Threshold(2.5, 700, 699)),
    )
    meta = BundleMetadata(
        currency="EUR",
        horizon_days=365,
        margin=0.4,
        touch_cost=25.0,
        as_of=NOW,
        data_fingerprint="0" * 64,
        seed=seed,
        counts={"leads": rows, "won": int(won.sum())},
    )
    inputs = input_baselines(spec, leads, matrix, seed)
    reference = DriftBaseline.of(spec.names, matrix, np.ones(rows, dtype=bool), inputs)
    return Bundle(spec, value_model, policy or Policy.shipped(), meta, reference)


def _trees(spec: FeatureSpec, matrix: np.ndarray, label: np.ndarray, objective: str, rounds: int) -> Trees:
    data = lightgbm.Dataset(matrix, label=label, categorical_feature=[spec.names.index(n) for n in spec.categorical])
    parameters = {
        "objective": objective,
        "verbosity": -1,
        "num_leaves": 15,
        "min_data_in_leaf": 10,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "boost_from_average": False,
        "seed": 7,
        "min_data_per_group": 10,
    }
    return Trees(lightgbm.train(parameters, data, num_boost_round=rounds).model_to_string())

"""The sample for a fit keeps won and junk leads, and its weighted sums are those of all leads in expectation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leadworth.settings import TrainingSettings
from training.fit_sample import TYPICAL, WEIGHT, LeadLimits, fit_sample, random_part

SEEDS = 400


def labels(rows: int = 2_000, won: float = 0.06, junk: float = 0.1) -> pd.DataFrame:
    """Return labels with an amount that is larger for lost leads, so that a biased sample shows."""
    rng = np.random.default_rng(1)
    state = rng.choice(["won", "lost", "open"], rows, p=[won, 0.5, 0.5 - won])
    disposition = np.where(state == "won", "engaged", rng.choice(["junk", "unknown"], rows, p=[junk, 1 - junk]))
    amount = rng.gamma(2.0, 10.0, rows) + 30.0 * (state == "lost")
    return pd.DataFrame({"state": state, "disposition": disposition, "amount": amount}, index=np.arange(rows) + 5)


def test_few_leads_are_all_used() -> None:
    few = labels(100)
    assert fit_sample(few, 100, seed=0) is few
    assert fit_sample(few, None, seed=0) is few
    assert random_part(few, 100, seed=0) is few


def test_won_and_junk_leads_are_kept_and_the_others_represent_all() -> None:
    all_labels = labels()
    sample = fit_sample(all_labels, 800, seed=0)
    assert len(sample) == 800
    assert sample.index.is_monotonic_increasing
    rare = all_labels["state"].eq("won") | all_labels["disposition"].eq("junk")
    assert set(all_labels.index[rare]) <= set(sample.index)
    assert (sample.loc[rare[sample.index], WEIGHT] == 1.0).all()
    assert sample[WEIGHT].sum() == pytest.approx(len(all_labels))


def test_where_most_leads_are_rare_half_of_the_number_are_others() -> None:
    all_labels = labels(won=0.4, junk=0.3)
    sample = fit_sample(all_labels, 1_000, seed=0)
    others = ~(sample["state"].eq("won") | sample["disposition"].eq("junk"))
    assert others.sum() == 500


def test_a_fraction_without_others_to_leave_out_is_used_whole() -> None:
    all_labels = labels(won=0.45, junk=0.9)
    assert fit_sample(all_labels, 1_000, seed=0) is all_labels


@pytest.mark.parametrize("state", ["won", "lost", "open"])
def test_weighted_sums_are_unbiased(state: str) -> None:
    all_labels = labels()
    sums = []
    for seed in range(SEEDS):
        sample = fit_sample(all_labels, 600, seed)
        sums.append(float((sample[WEIGHT] * sample["amount"])[sample["state"].eq(state)].sum()))
    true = float(all_labels["amount"][all_labels["state"].eq(state)].sum())
    error = float(np.std(sums)) / np.sqrt(SEEDS)
    assert abs(np.mean(sums) - true) < 3.5 * error + 1e-6
    unweighted = float(sample["amount"][sample["state"].eq("lost")].sum())
    assert unweighted < 0.6 * float(all_labels["amount"][all_labels["state"].eq("lost")].sum())


def test_typical_leads_have_the_shares_of_all_leads() -> None:
    all_labels = labels()
    shares = []
    for seed in range(SEEDS):
        sample = fit_sample(all_labels, 600, seed)
        shares.append(float(sample["state"][sample[TYPICAL]].eq("won").mean()))
    true = float(all_labels["state"].eq("won").mean())
    assert abs(np.mean(shares) - true) < 4.0 * float(np.std(shares)) / np.sqrt(SEEDS)


def test_a_random_part_has_no_regard_to_the_outcome() -> None:
    all_labels = labels()
    shares = [float(random_part(all_labels, 200, seed)["state"].eq("won").mean()) for seed in range(SEEDS)]
    true = float(all_labels["state"].eq("won").mean())
    assert abs(np.mean(shares) - true) < 4.0 * float(np.std(shares)) / np.sqrt(SEEDS)


def test_limits_are_those_of_the_settings() -> None:
    assert LeadLimits.of(TrainingSettings(fit_leads=5_000, check_leads=4_000)) == LeadLimits(5_000, 4_000)

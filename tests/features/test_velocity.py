from __future__ import annotations

from features.velocity import GROUPS


def test_counts_are_capped_and_monotone_for_junk() -> None:
    compute = GROUPS[0].compute
    assert compute(1e9) == compute(1_000.0) > compute(999.0)
    assert all(feature.junk == 1 for group in GROUPS[:-1] for feature in group.features)

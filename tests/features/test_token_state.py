from __future__ import annotations

from features.token_state import GROUP
from tests.features.cells import cells


def test_token_states() -> None:
    assert sum(cells(GROUP, "ok").values()) == 0.0  # type: ignore[arg-type]
    assert cells(GROUP, "bad-signature")["token_refused"] == 1.0
    assert cells(GROUP, "replayed")["token_replayed"] == 1.0
    expired = cells(GROUP, "expired")
    assert expired.pop("token_expired") == 1.0
    assert set(expired.values()) == {0.0}  # a cached page: unknown, not spam

"""Factory of velocity stores."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from leadworth.errors import ConfigurationError
from serving.velocity.durable_velocity import DurableVelocityStore
from serving.velocity.redis_velocity import RedisVelocityStore
from serving.velocity.velocity_factory import open_velocity_store
from store.decision_store import DecisionStore


def test_an_unusable_url_is_refused_without_repeating_it(tmp_path: Path) -> None:
    store = DecisionStore(f"sqlite:///{tmp_path}/s.db", spool=tmp_path)
    with pytest.raises(ConfigurationError, match="not a Redis URL") as refused:
        open_velocity_store(SecretStr("http://:secret@host"), store)
    assert "secret" not in str(refused.value)
    assert isinstance(open_velocity_store(None, store), DurableVelocityStore)
    assert isinstance(open_velocity_store(SecretStr("redis://127.0.0.1:1/0"), store), RedisVelocityStore)

"""Factory of velocity stores."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from leadworth.errors import ConfigurationError
from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.velocity_factory import open_velocity_store


def test_an_unusable_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigurationError, match="not a Redis URL") as refused:
        open_velocity_store(SecretStr("http://:secret@host"))
    assert "secret" not in str(refused.value)
    assert isinstance(open_velocity_store(None), MemoryVelocityStore)

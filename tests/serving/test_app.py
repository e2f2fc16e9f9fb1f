"""Application factory."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadworth.errors import ConfigurationError
from serving.app import create_app
from tests.serving.running import settings_in


def test_an_open_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="api_keys = false"):
        create_app(settings_in(tmp_path, host="0.0.0.0"))

"""Fixtures of the serving tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.make_bundle import lead_of, make_leads
from tests.serving.running import FolderRegistry, client_of, settings_in


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(
    request: pytest.FixtureRequest, tmp_path: Path, registry: FolderRegistry
) -> Iterator[tuple[TestClient, Any]]:
    """A service that has decided about 40 leads."""
    url = (
        str(request.getfixturevalue("migrated_postgres"))
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/s.db"
    )
    settings = settings_in(tmp_path, store=url)
    with client_of(settings, registry) as client:
        leads = make_leads(40, seed=6)
        for row in range(40):
            lead = lead_of(leads.iloc[row]).model_dump(mode="json", exclude_none=True)
            extra = {"age_days": 20 + row} if row % 4 == 0 else {}
            assert client.post("/v1/scores", json=lead | extra).status_code == 200
        yield client, settings

"""A scheduler that does not answer is a clear error."""

from __future__ import annotations

import pytest

from leadworth.errors import ConfigurationError
from serving.batch.engines.dask_cluster import open_dask


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nothing://127.0.0.1:9"])
def test_a_scheduler_that_does_not_answer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.batch.engines.dask_cluster._ANSWER_SECONDS", 1.0)
    pytest.importorskip("distributed", reason="pip install leadworth[dask]")
    with pytest.raises(ConfigurationError, match="does not answer"), open_dask(address, None):
        pass

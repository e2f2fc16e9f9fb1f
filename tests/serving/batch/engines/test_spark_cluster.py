"""Errors of Spark name what to do."""

from __future__ import annotations

import sys

import pytest

from leadworth.errors import ConfigurationError
from serving.batch.engines.spark_cluster import open_spark


def test_without_pyspark_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ConfigurationError, match="Java 17"), open_spark(None, 1):
        pass

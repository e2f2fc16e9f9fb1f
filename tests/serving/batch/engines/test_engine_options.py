"""Options that do not fit together are errors; more processes than cores are named."""

from __future__ import annotations

import pytest

from leadworth.errors import InputError
from serving.batch.engines.engine_options import open_engine
from serving.batch.engines.partition_engine import cores


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("local", None, "tcp://scheduler:8786", None), "--scheduler with --engine local"),
        (("dask", None, None, "spark://master:7077"), "--master with --engine dask"),
        (("dask", 4, "tcp://scheduler:8786", None), "--workers 4 with --scheduler"),
        (("spark", 4, None, "spark://master:7077"), "--workers 4 with --master"),
    ],
)
def test_options_of_another_engine(options: tuple[str, int | None, str | None, str | None], message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_engine(*options)


def test_more_processes_than_cores_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    open_engine("local", cores(), None, None)
    assert not capsys.readouterr().err
    open_engine("local", cores() + 1, None, None)
    assert "score no faster" in capsys.readouterr().err

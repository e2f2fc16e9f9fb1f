"""Proposals for random businesses: other notations, languages, ids and shapes than those that were tried by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from tests.crm.inference.random_crm import SHAPES, write_random_crm


def wrong_settings(folder: Path, seed: int) -> dict[str, object]:
    """Settings of the proposal for a business that are not right."""
    crm = write_random_crm(folder, seed)
    content = tomllib.loads(render(propose(crm.files), folder))
    proposed = {name: content[name.partition(".")[0]].get(name.partition(".")[2]) for name in crm.settings}
    return {name: value for name, value in proposed.items() if value != crm.settings[name]}


@pytest.mark.parametrize("seed", range(len(SHAPES)))
def test_settings_are_right(seed: int, tmp_path: Path) -> None:
    assert wrong_settings(tmp_path, seed) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 1_200))
def test_settings_of_many_businesses_are_right(seed: int, tmp_path: Path) -> None:
    assert wrong_settings(tmp_path, seed) == {}

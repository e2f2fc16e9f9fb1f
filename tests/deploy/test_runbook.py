"""Every degraded state that `/readyz` or `leadworth doctor` can name has a heading in the runbook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import doctor_checks, doctor_command, scoring_service
from serving.velocity import redis_velocity
from store import group_commit

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "operate.md"
RUNBOOK = PAGE.read_text(encoding="utf-8").partition("\n## Runbook\n")[2]


def calls(module: object) -> Iterator[ast.Call]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def degraded_parts() -> set[str]:
    """Return the keys of `ScoringService.degraded`."""
    tree = ast.parse(Path(scoring_service.__file__).read_text(encoding="utf-8"))
    [function] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "degraded"]
    [parts] = [node for node in ast.walk(function) if isinstance(node, ast.Dict)]
    return {str(ast.literal_eval(key)) for key in parts.keys if key is not None}


def findings() -> set[str]:
    """Return the names of findings of `leadworth doctor` that warn or fail."""
    names = set()
    for module in (doctor_checks, doctor_command):
        for call in calls(module):
            if isinstance(call.func, ast.Name) and call.func.id == "HealthFinding":
                level, name, *_ = call.args
                if isinstance(name, ast.Constant) and not ast.unparse(level).endswith(".OK"):
                    names.add(str(name.value))
    return names


def metric_parts() -> set[str]:
    """Return the labels of `leadworth_degraded`."""
    from serving import champion

    found = set()
    for module in (group_commit, redis_velocity, champion):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        found |= set(re.findall(r'DEGRADED\.labels\("(\w+)"\)', source))
    return found


@pytest.mark.parametrize("state", sorted(degraded_parts() | findings() | metric_parts()))
def test_every_state_has_a_heading(state: str) -> None:
    assert re.search(rf"^### {state}$", RUNBOOK, re.MULTILINE), state


def test_the_states_are_found() -> None:
    assert degraded_parts() == {"registry", "store", "spool", "history"}
    assert {"registry", "champion", "store", "clock", "keys", "disk", "spool", "inputs", "secret"} <= findings()
    assert metric_parts() <= degraded_parts()


def test_every_heading_says_what_to_do() -> None:
    for section in RUNBOOK.split("\n### ")[1:]:
        heading, _, text = section.partition("\n")
        assert len(text.split()) > 12, heading


def test_figures_of_the_page_are_measured_ones() -> None:
    measured = (ROOT / "docs" / "reference" / "figures.md").read_text(encoding="utf-8")
    sizing = PAGE.read_text(encoding="utf-8").partition("## Sizing")[2].partition("## Limits")[0]
    for figure in ("563", "27.8 ms", "2,427", "4,197", "4,752", "208 MiB"):
        assert figure in sizing
        assert figure in measured


def test_limits_of_the_page_are_those_of_the_code() -> None:
    from leadworth.settings import ServingSettings
    from store.spool import LIMIT_BYTES

    limits = PAGE.read_text(encoding="utf-8").partition("## Limits")[2].partition("## Proxies")[0]
    serving = ServingSettings()
    assert f"body_limit_bytes`, {serving.body_limit_bytes // 2**20} MiB" in limits
    assert f"max_concurrent`, {serving.max_concurrent}" in limits
    assert f"{LIMIT_BYTES // 2**20} MiB" in limits

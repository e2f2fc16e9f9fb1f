"""Alerts and dashboard: every metric that they name exists, every alert has a runbook, the rules do what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from serving import service_metrics
from store import store_metrics

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "leadworth.rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "leadworth.json"
SUFFIXES = {Counter: ("_total",), Gauge: ("",), Histogram: ("_bucket", "_count", "_sum")}
METRICS = {
    f"{metric._name}{suffix}": set(metric._labelnames) | ({"le"} if suffix == "_bucket" else set())
    for module in (service_metrics, store_metrics)
    for metric in vars(module).values()
    if isinstance(metric, (Counter, Gauge, Histogram))
    for suffix in SUFFIXES[type(metric)]
}
"""Name in /metrics -> labels."""
TARGET = {"instance", "job"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    return dict(json.loads(DASHBOARD.read_text(encoding="utf-8")))


def expressions() -> list[str]:
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + panels


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("expression", expressions())
def test_metrics_and_labels_exist(expression: str) -> None:
    named = re.findall(r"(leadworth_\w+)(?:\{([^}]*)\})?", expression)
    assert named or "up{" in expression
    for name, matchers in named:
        assert name in METRICS, name
        assert set(re.findall(r"(\w+) *(?:=~|!=|!~|=)", matchers)) <= METRICS[name] | TARGET
    labels = {label for _, _, group in re.findall(r"(by|on) (\()([^)]*)", expression) for label in group.split(", ")}
    assert labels <= set().union(*(METRICS[name] for name, _ in named), TARGET)


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(expressions())
    missing = [name for name in METRICS if not name.endswith(("_sum", "_bucket", "_count")) and name not in shown]
    assert missing == []


def test_every_alert_has_a_severity_and_a_heading_of_the_runbook() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert anchor in anchors(ROOT / page), anchor


def test_every_alert_has_a_case() -> None:
    cases = yaml.safe_load((RULES.parent / "leadworth.rules.test.yml").read_text("utf-8"))["tests"]
    fired = {case["alertname"] for test in cases for case in test["alert_rule_test"] if case.get("exp_alerts")}
    assert fired == {rule["alert"] for rule in rules()}


def test_the_dashboard_can_be_imported() -> None:
    board = dashboard()
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(board)
    assert "id" not in board  # an id of another Grafana would be refused
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in board["templating"]["list"]}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(board["panels"]))) <= variables | {"__rate_interval"}
    taken = set()
    for panel in board["panels"]:
        assert {"type", "title", "targets", "gridPos", "fieldConfig", "options"} <= set(panel)
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "check", [["check", "rules", "leadworth.rules.yml"], ["test", "rules", "leadworth.rules.test.yml"]]
)
def test_promtool(check: list[str]) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(["promtool", *check], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

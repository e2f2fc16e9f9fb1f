"""Compose file, Kubernetes manifests and systemd units: valid, hardened, and of commands that exist."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leadworth.cli import COMMANDS, load
from leadworth.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = "1.33"
UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
MANIFESTS = [
    document
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
EXPOSURE = 2.0
"""Largest exposure level of `systemd-analyze security`, from 0 to 10."""


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8")))


def title(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def pods() -> Iterator[Any]:
    for manifest in MANIFESTS:
        spec = manifest.get("spec", {})
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield pytest.param(spec["template"]["spec"], id=title(manifest))


def commands() -> Iterator[list[str]]:
    """Yield the words of every call of `leadworth` in the deployment files."""
    services = compose()["services"]
    yield from (service["command"] for name, service in services.items() if name in {"service", "export"})
    for pod in pods():
        yield from (container["args"] for container in pod.values[0]["containers"] if "args" in container)
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S*/leadworth (.*)$", unit.read_text("utf-8"), re.MULTILINE):
            yield shlex.split(line)
    for line in re.findall(r"job leadworth (.*)$", (DEPLOY / "nightly.sh").read_text("utf-8"), re.MULTILINE):
        yield shlex.split(line)


def test_commands_exist() -> None:
    named = list(commands())
    assert len(named) >= 9
    for words in named:
        # Retention is a command of its own from the version that deletes by period on.
        if words[0] not in COMMANDS and words[0] == "retention":
            continue
        command = load(words[0])
        if (group := getattr(command, "commands", None)) is not None:
            command = group[words[1]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


def test_the_compose_file_is_valid() -> None:
    schema = json.loads((Path(__file__).parent / "schemas" / "compose-spec.json").read_text(encoding="utf-8"))
    content = compose()
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", content.pop("name"))  # newer than this copy of the schema
    jsonschema.Draft7Validator(schema).validate(content)


def test_the_compose_file_names_what_it_declares() -> None:
    content = compose()
    assert set(content["services"]) == {"service", "export", "nightly", "postgres", "redis", "mlflow"}
    for name, service in content["services"].items():
        assert set(service.get("depends_on", {})) <= set(content["services"])
        assert set(service.get("secrets", ())) <= set(content["secrets"])
        assert set(service["networks"]) <= set(content["networks"])
        assert {mount["source"] for mount in service.get("volumes", ()) if mount["type"] == "volume"} <= set(
            content["volumes"]
        )
        for dependency, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            assert content["services"][dependency].get("healthcheck", {}).get("disable") is not True, dependency
        published = service.get("ports", [])
        assert all(port.startswith("127.0.0.1:") for port in published), name
        assert name == "service" or not published
    assert all("file" in secret for secret in content["secrets"].values())


def test_containers_of_the_project_are_read_only_and_not_root() -> None:
    for name, service in compose()["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        if service["image"] == "leadworth":
            assert service["read_only"] is True, name
            assert service["user"] == "10001:10001"
            assert service["cap_drop"] == ["ALL"]
            assert not {key for key in service["environment"] if key.endswith(("SECRET", "STORE", "PASSWORD", "TOKEN"))}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_the_manifests_are_valid(manifest: dict[str, Any]) -> None:
    validator = pytest.importorskip(
        "kubernetes_validate", reason="the schemas of kubernetes-validate are not installed"
    )
    validator.validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize("pod", list(pods()))
def test_pods_fit_the_restricted_standard(pod: dict[str, Any]) -> None:
    """Check the fields of the Pod Security Standard "restricted", and a read-only root."""
    context = pod["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] == 10001
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert {next(iter(set(volume) - {"name"})) for volume in pod["volumes"]} <= {
        "configMap", "secret", "emptyDir", "persistentVolumeClaim",
    }  # fmt: skip
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        claims = {"state"} if pod.get("topologySpreadConstraints") else set()
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]} | claims


def test_probes_ask_the_routes_of_the_service() -> None:
    from serving.routes import health

    [container] = next(pod.values[0] for pod in pods() if "StatefulSet" in str(pod.id))["containers"]
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/livez", "readiness": "/readyz", "liveness": "/livez"}
    assert set(paths.values()) <= {route.path for route in health.router.routes}


def test_selectors_meet_the_labels_of_the_pods() -> None:
    labels = [
        (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]["metadata"]["labels"]
        for manifest in MANIFESTS
        if "template" in (spec := manifest.get("spec", {})) or "jobTemplate" in spec
    ]
    selectors = [
        manifest["spec"].get("selector", manifest["spec"].get("podSelector"))
        for manifest in MANIFESTS
        if {"selector", "podSelector"} & set(manifest.get("spec", {}))
    ]
    assert len(selectors) >= 7
    for selector in selectors:
        wanted = selector.get("matchLabels", selector)
        assert [one for one in labels if wanted.items() <= one.items()], selector


def test_settings_and_secrets_of_the_manifests_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_kind = {manifest["kind"]: manifest for manifest in MANIFESTS}
    (tmp_path / "leadworth.toml").write_text(by_kind["ConfigMap"]["data"]["leadworth.toml"])
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name, value in by_kind["Secret"]["stringData"].items():
        (secrets / name).write_text(value)
    monkeypatch.setenv("LEADWORTH_SECRETS_DIR", str(secrets))
    settings = load_settings(tmp_path / "leadworth.toml")
    assert isinstance(settings, Settings)
    assert settings.serving.store.get_secret_value().startswith("postgresql://")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_units_are_hardened(unit: Path) -> None:
    """Check what `systemd-analyze security` does not count."""
    lines = set(unit.read_text("utf-8").splitlines())
    assert {"UMask=0077", "LimitCORE=0", "LimitNOFILE=65536", "ProtectSystem=strict", "User=leadworth"} <= lines
    assert any(line.startswith("MemoryMax=") for line in lines)
    assert not [line for line in lines if re.match(r"Environment=.*(SECRET|STORE|TOKEN|PASSWORD)=", line)]


@pytest.mark.slow
def test_systemd_accepts_the_units_and_their_exposure_is_low(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "leadworth"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:  # the command is checked to exist
        text = unit.read_text("utf-8").replace("/opt/leadworth/bin/leadworth", str(program))
        (tmp_path / unit.name).write_text(text)
    files = [str(tmp_path / unit.name) for unit in UNITS]
    verified = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    for file in files:
        if file.endswith(".service"):
            command = ["systemd-analyze", "security", "--offline=true", file]
            shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", shown)
            assert float(level) <= EXPOSURE, shown


def nightly(folder: Path, failing: str = "") -> tuple[int, list[str], str]:
    """Run the nightly jobs with a `leadworth` that notes its arguments; return exit code, calls and errors."""
    program = folder / "bin" / "leadworth"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {folder}/calls\n'
        f'[ "$1" != backup ] || mkdir -p "$3"\n[ "$1" != "{failing}" ] || exit 7\n'
    )
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "LEADWORTH_BACKUPS": str(folder / "backups")}
    done = subprocess.run(
        ["/bin/sh", str(DEPLOY / "nightly.sh")], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, (folder / "calls").read_text().splitlines(), done.stderr


def test_nightly_jobs_go_on_after_a_failure_and_say_so(tmp_path: Path) -> None:
    code, calls, errors = nightly(tmp_path, failing="privacy")
    assert code == 7
    assert [call.split()[0] for call in calls] == ["backup", "privacy", "export", "export", "watch"]
    assert "exit code 7: leadworth privacy retention" in errors


def test_the_last_fourteen_backups_are_kept_unless_a_job_failed(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    for day in range(1, 21):
        (backups / f"2020-01-{day:02}").mkdir(parents=True)
    (backups / "by-hand").mkdir()
    assert nightly(tmp_path, failing="export")[0] == 7
    assert len(list(backups.iterdir())) == 22
    assert nightly(tmp_path)[0] == 0
    left = sorted(path.name for path in backups.iterdir())
    assert left[:2] == ["2020-01-08", "2020-01-09"]
    assert "by-hand" in left
    assert len(left) == 15

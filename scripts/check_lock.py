"""Fail where requirements.lock does not follow from pyproject.toml; needs no network."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from scripts import project

NOT_LOCKED = frozenset({"spark"})
"""Extras that `make setup` leaves out because of their size; their tests skip with a reason."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
_ENTRY = re.compile(r"^(\S+?)(?:\[[^\]]*\])?==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_DIRECT = re.compile(r"^ +#\s+(?:via )?leadworth \(pyproject\.toml", re.MULTILINE)


def main() -> None:
    """Check the lock of this repository."""
    requirements = declared(project.settings())
    faults = differences(requirements, (project.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    if faults:
        fail(LeadworthError("\n".join(faults), do="run `make lock`"))
    console.print(f"requirements.lock: {len(requirements)} direct requirements match")


def declared(settings: dict[str, object]) -> list[Requirement]:
    """Return the requirements of pyproject.toml: of the package, its locked extras and the dev group."""
    table = settings["project"]
    groups = settings.get("dependency-groups", {})
    assert isinstance(table, dict)
    assert isinstance(groups, dict)
    texts = [*table.get("dependencies", ())]
    extras = {name: more for name, more in table.get("optional-dependencies", {}).items() if name not in NOT_LOCKED}
    for more in (*extras.values(), groups.get("dev", ())):
        texts += more
    return [Requirement(text) for text in texts]


def differences(requirements: list[Requirement], lock: str) -> list[str]:
    """Return a line for each requirement that is missing from the lock, locked at another version, or obsolete."""
    pins: dict[str, list[str]] = {}
    for name, version in _PIN.findall(lock):
        pins.setdefault(canonicalize_name(name), []).append(version)
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    direct = {canonicalize_name(entry.group(1)) for entry in _ENTRY.finditer(lock) if _DIRECT.search(entry.group())}
    faults = [f"{name} is locked but no longer declared" for name in sorted(direct - names)]
    for requirement in requirements:
        versions = pins.get(canonicalize_name(requirement.name), [])
        if not versions:
            faults.append(f"{requirement} is not locked")
        faults += [
            f"{requirement} is locked at {version}"
            for version in versions
            if not requirement.specifier.contains(version)
        ]
    return faults


if __name__ == "__main__":
    main()

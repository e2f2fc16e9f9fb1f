"""Fail where code is called by nobody; a use in tests does not count."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Protocol

from vulture import Vulture

from leadworth.cli import COMMANDS
from leadworth.console import console, fail
from leadworth.errors import LeadworthError

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "leadworth",
    "store",
    "crm",
    "features",
    "models",
    "conversions",
    "monitoring",
    "training",
    "serving",
    "simulation",
    "scripts",
)
CALLERS = ("benchmarks",)

BY_DECORATOR = [
    "@*.callback", "@*.command", "@*.exception_handler", "@*.get", "@*.middleware", "@*.options", "@*.post",
    "@field_serializer", "@field_validator", "@model_serializer", "@model_validator",
]  # fmt: skip
BY_NAME = {
    "model_config": "pydantic reads it",
    "settings_customise_sources": "pydantic-settings calls it",
    "load_context": "MLflow calls it",
    "scheme_name": "FastAPI reads it", "default_digest_method": "itsdangerous reads it",
    "pseudonym": "rule 12 of the house, for what is joined outside of it",
    "Outcome": "record of the house; the rooms move outcomes as tables",
    "Spend": "record of the house, for the page",
    "do_GET": "http.server calls it", "do_POST": "http.server calls it", "log_message": "http.server calls it",
    "protocol_version": "http.server reads it", "daemon_threads": "socketserver reads it",
    "handle_error": "socketserver calls it", "close_connection": "http.server reads it",
    "revision": "alembic reads it", "down_revision": "alembic reads it", "branch_labels": "alembic reads it",
    "depends_on": "alembic reads it", "upgrade": "alembic calls it", "downgrade": "alembic calls it",
}  # fmt: skip


class Unused(Protocol):
    """What vulture found."""

    name: str
    typ: str
    filename: Path
    first_lineno: int


def main() -> None:
    """Check all rooms."""
    found = [line.removeprefix(f"{ROOT}/") for line in dead([ROOT / room for room in (*PACKAGES, *CALLERS)])]
    faults = [line for line in found if not line.startswith(CALLERS)]
    if faults:
        fail(LeadworthError("\n".join(faults), do="delete it, or call it"))
    console.print("no dead code")


def dead(paths: list[Path]) -> list[str]:
    """Return a line for each function, class, method or variable that nothing uses."""
    commands = {entry.target.split(":")[1] for entry in COMMANDS.values()}
    vulture = Vulture(ignore_names=[*BY_NAME, *commands], ignore_decorators=BY_DECORATOR)
    vulture.scavenge([str(path) for path in paths if path.exists()])
    return [
        f"{item.filename}:{item.first_lineno}: {item.typ} {item.name} is used by nothing"
        for item in vulture.get_unused_code(min_confidence=60)
        if not is_data(item)
    ]


def is_data(item: Unused) -> bool:
    """Tell whether an item is read as a whole: a field, a member of an enumeration, an attribute of a library."""
    if item.typ == "attribute":
        return not _lines(item.filename)[item.first_lineno - 1].lstrip().startswith("self.")
    return item.typ == "variable" and item.first_lineno in _fields(item.filename)


@cache
def _lines(path: Path) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


@cache
def _fields(path: Path) -> set[int]:
    """Return the lines of annotated fields of classes and of members of enumerations."""
    found = set()
    for node in ast.walk(ast.parse("\n".join(_lines(path)))):
        if isinstance(node, ast.ClassDef):
            is_enum = any(ast.unparse(base).endswith("Enum") for base in node.bases)
            found |= {
                line.lineno
                for line in node.body
                if isinstance(line, ast.AnnAssign) or (is_enum and isinstance(line, ast.Assign))
            }
    return found


if __name__ == "__main__":
    main()

"""Fail where code is used by nothing; a use in tests does not count."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, nodes
from vulture import Vulture

from leadworth.cli import COMMANDS
from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from scripts import project

CALLERS = ("benchmarks", "scripts")
"""Folders besides the packages whose uses count."""
UNCHECKED = ("benchmarks",)
BY_DECORATOR = [
    "@*.callback",
    "@*.command",
    "@*.delete",
    "@*.exception_handler",
    "@*.get",
    "@*.middleware",
    "@*.options",
    "@*.post",
    "@compiles",
    "@define",
    "@field_serializer",
    "@field_validator",
    "@model_serializer",
    "@model_validator",
]
BY_NAME = {
    "model_config": "pydantic reads it",
    "settings_customise_sources": "pydantic-settings calls it",
    "load_context": "MLflow calls it",
    "scheme_name": "FastAPI reads it",
    "default_digest_method": "itsdangerous reads it",
    "do_GET": "http.server calls it",
    "do_POST": "http.server calls it",
    "log_message": "http.server calls it",
    "protocol_version": "http.server reads it",
    "close_connection": "http.server reads it",
    "daemon_threads": "socketserver reads it",
    "handle_error": "socketserver calls it",
    "wait_closed": "uvicorn awaits it",
    "timeout_keep_alive_task": "uvicorn cancels it",
    "handle_data": "html.parser calls it",
    "handle_starttag": "html.parser calls it",
    "revision": "alembic reads it",
    "down_revision": "alembic reads it",
    "branch_labels": "alembic reads it",
    "depends_on": "alembic reads it",
    "impl": "SQLAlchemy reads it",
    "cache_ok": "SQLAlchemy reads it",
    "inherit_cache": "SQLAlchemy reads it",
    "load_dialect_impl": "SQLAlchemy calls it",
    "process_bind_param": "SQLAlchemy calls it",
    "self_group": "SQLAlchemy calls it",
    "on_start": "numba calls it",
    "on_end": "numba calls it",
    "upgrade": "alembic calls it",
    "downgrade": "alembic calls it",
    "cohort_interval": "tests compare the sums of the page with it",
    "response_times": "tests compare the bins of the page with it",
    "minutes_between": "tests compare the hours of the report with it",
    "convert": "tests do with a CRM peer what people do",
    "qualify": "tests do with a CRM peer what people do",
    "purge": "tests do with a CRM peer what people do",
    "commit_late": "tests do with a CRM peer what slow transactions do",
    "remove_field": "tests do with a CRM peer what administrators do",
    "end_sessions": "tests do with a CRM peer what administrators do",
    "signed_in": "tests of CRM peers count sign-ins",
    "send_events": "tests let a CRM peer send webhooks",
}


class Unused(Protocol):
    """An item that vulture reports."""

    name: str
    typ: str
    filename: Path
    first_lineno: int


def main() -> None:
    """Check all packages and scripts."""
    folders = [project.ROOT / folder for folder in (*project.packages(), *CALLERS)]
    lines = [line.removeprefix(f"{project.ROOT}/") for line in dead(folders)]
    faults = [line for line in lines if not line.startswith(UNCHECKED)]
    if faults:
        fail(LeadworthError("\n".join(faults), do="delete it, or use it"))
    console.print("no dead code")


def dead(paths: list[Path]) -> list[str]:
    """Return a line for each function, class, method or variable that nothing uses."""
    commands = {entry.target.split(":")[1] for entry in COMMANDS.values()}
    templates = in_templates(file for path in paths for file in path.rglob("*.j2"))
    vulture = Vulture(ignore_names=[*BY_NAME, *commands, *templates], ignore_decorators=BY_DECORATOR)
    vulture.scavenge([str(path) for path in paths if path.exists()])
    return [
        f"{item.filename}:{item.first_lineno}: {item.typ} {item.name} is used by nothing"
        for item in vulture.get_unused_code(min_confidence=60)
        if not is_data(item)
    ]


def in_templates(paths: Iterable[Path]) -> set[str]:
    """Return the names of attributes and methods that templates use."""
    parsed = (Environment(autoescape=True).parse(path.read_text(encoding="utf-8")) for path in paths)
    return {node.attr for template in parsed for node in template.find_all(nodes.Getattr)}


def is_data(item: Unused) -> bool:
    """Return whether an item is data of a whole: a field, a member of an enumeration, an attribute of a library."""
    if item.typ == "attribute":
        return not _lines(item.filename)[item.first_lineno - 1].lstrip().startswith("self.")
    return item.typ == "variable" and item.first_lineno in _fields(item.filename)


@cache
def _lines(path: Path) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


@cache
def _fields(path: Path) -> set[int]:
    """Return the lines of annotated fields of classes and of members of enumerations."""
    fields = set()
    for node in ast.walk(ast.parse("\n".join(_lines(path)))):
        if isinstance(node, ast.ClassDef):
            is_enum = any(ast.unparse(base).endswith("Enum") for base in node.bases)
            fields |= {
                statement.lineno
                for statement in node.body
                if isinstance(statement, ast.AnnAssign) or (is_enum and isinstance(statement, ast.Assign))
            }
    return fields


if __name__ == "__main__":
    main()

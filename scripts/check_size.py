"""Fail where a file or a function has outgrown the house's ceilings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

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
    "benchmarks",
)
FILE_LINES = 400
FUNCTION_LINES = 60


def main() -> None:
    """Check all files of the rooms."""
    files = [file for room in PACKAGES for file in sorted(ROOT.glob(f"{room}/**/*.py"))]
    faults = [fault for file in files for fault in too_long(file)]
    if faults:
        fail(LeadworthError("\n".join(faults), do="split by concept"))
    console.print(f"{len(files)} files: sizes in bounds")


def too_long(path: Path) -> Iterator[str]:
    """Yield what in a file is longer than the house allows; docstrings do not count."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    if (lines := len(text.splitlines())) > FILE_LINES:
        yield f"{name}: {lines} lines; {FILE_LINES} are allowed"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (lines := body_lines(node)) > FUNCTION_LINES:
            yield f"{name}:{node.lineno}: {node.name} has {lines} lines; {FUNCTION_LINES} are allowed"


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


if __name__ == "__main__":
    main()

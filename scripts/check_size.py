"""Fail where a file or a function is longer than the project allows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from scripts import project

FOLDERS = ("scripts", "benchmarks")
"""Folders besides the packages that are checked."""
FILE_LINES = 400
FUNCTION_LINES = 60


def main() -> None:
    """Check all packages, scripts and benchmarks."""
    files = [*project.modules(), *(file for folder in FOLDERS for file in sorted((project.ROOT / folder).glob("*.py")))]
    faults = [fault for file in files for fault in too_long(file)]
    if faults:
        fail(LeadworthError("\n".join(faults), do="split by concept"))
    console.print(f"{len(files)} files: sizes within the limits")


def too_long(path: Path) -> Iterator[str]:
    """Yield a fault for the file and for each function above the limits; docstrings do not count."""
    text = path.read_text(encoding="utf-8")
    name = project.relative(path)
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

"""Fail where modules or classes share a name, or where too few modules have a test of the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from scripts import project

SAME_ROLE = frozenset({"__init__", "__main__", "adapter", "connector", "settings", "peer", "routes", "env"})
"""Module names that state the role of a file in its folder."""
TESTED_SHARE = 0.8
WITHOUT_TEST = frozenset({"migrations", "__init__.py", "__main__.py"})
"""Parts of the paths of files that are not expected to have a test."""


def main() -> None:
    """Check the modules of all packages."""
    modules = project.modules()
    faults = [*shared_module_names(modules), *shared_class_names(modules)]
    testable = [path for path in modules if not WITHOUT_TEST.intersection(path.parts)]
    untested = without_test(testable, {path.name for path in (project.ROOT / "tests").rglob("test_*.py")})
    share = 1.0 - len(untested) / len(testable)
    if share < TESTED_SHARE:
        names = ", ".join(sorted(map(project.relative, untested)))
        faults.append(f"{share:.0%} of the modules have a test of the same name; at least {TESTED_SHARE:.0%}: {names}")
    if faults:
        fail(LeadworthError("\n".join(faults), do="rename by concept, or add the test"))
    console.print(f"{len(modules)} modules: unique names, {share:.0%} with a test of the same name")


def shared_module_names(modules: Iterable[Path]) -> list[str]:
    """Return a fault for each base name that several modules have, unless it states a role.

    Examples
    --------
    >>> shared_module_names([Path("a/delay.py"), Path("b/delay.py"), Path("a/adapter.py"), Path("b/adapter.py")])
    ['module name delay: a/delay.py, b/delay.py']
    """
    paths: dict[str, list[str]] = defaultdict(list)
    for path in modules:
        paths[path.stem].append(project.relative(path))
    return [
        f"module name {name}: {', '.join(same)}"
        for name, same in paths.items()
        if len(same) > 1 and name not in SAME_ROLE
    ]


def shared_class_names(modules: Iterable[Path]) -> list[str]:
    """Return a fault for each class name that is defined in several modules."""
    paths: dict[str, set[str]] = defaultdict(set)
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                paths[node.name].add(project.relative(path))
    return [f"class name {name}: {', '.join(sorted(same))}" for name, same in paths.items() if len(same) > 1]


def without_test(modules: Iterable[Path], tests: set[str]) -> list[Path]:
    """Return the modules without a file ``test_<module>.py``.

    Examples
    --------
    >>> [path.name for path in without_test([Path("a/delay.py"), Path("a/odds.py")], {"test_delay.py"})]
    ['odds.py']
    """
    return [path for path in modules if f"test_{path.name}" not in tests]


if __name__ == "__main__":
    main()

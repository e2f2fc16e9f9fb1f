"""Fail on broken links, unlisted pages, a README that is too long, a changelog without the current version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leadworth import __version__
from leadworth.console import console, fail
from leadworth.errors import LeadworthError

ROOT = Path(__file__).parent.parent
README_LINES = 150
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def main() -> None:
    """Check all pages."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    faults = [*readme(), *changelog(), *navigation(), *(fault for page in pages for fault in links(page))]
    if faults:
        fail(LeadworthError("\n".join(faults), do="correct these pages"))
    console.print(f"{len(pages)} pages: links, length, version up to date")


def readme() -> Iterator[str]:
    """Yield a fault where the README is longer than a first page should be."""
    lines = len((ROOT / "README.md").read_text(encoding="utf-8").splitlines())
    if lines > README_LINES:
        yield f"README.md has {lines} lines; {README_LINES} are allowed"


def changelog() -> Iterator[str]:
    """Yield a fault where the changelog has no section for the version of the code."""
    if f"## {__version__}" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        yield f"CHANGELOG.md has no section '## {__version__}'"


def navigation() -> Iterator[str]:
    """Yield the pages of docs/ that mkdocs.yml does not list."""
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in sorted(ROOT.glob("docs/**/*.md")):
        name = page.relative_to(ROOT / "docs").as_posix()
        if name not in listed:
            yield f"mkdocs.yml does not list {name}"


def links(page: Path) -> Iterator[str]:
    """Yield the broken links inside the repository."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for match in _LINK.finditer(text):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists():
            yield f"{page.relative_to(ROOT)}: {target} does not exist"
        elif anchor and anchor not in anchors(linked):
            yield f"{page.relative_to(ROOT)}: {target} names no heading"


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page."""
    titles = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


if __name__ == "__main__":
    main()

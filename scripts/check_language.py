"""Fail where code and documentation drift from plain engineering English.

A list of words that this project once used instead of the standard terms that a reader searches for;
`docs/architecture.md` lists the terms. A few uses are fine, a habit is not: the limit is a rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from scripts import project

SUFFIXES = frozenset({".py", ".md", ".toml", ".html", ".j2"})
SKIPPED = re.compile(r"^tests/behaviour/recorded/|^CHANGELOG\.md$|^(tests/)?scripts/(test_)?check_language\.py$|/data/")
PER_THOUSAND_LINES = 1.0
SHOWN = 40
WORDS = re.compile(
    r"\b(told|tells?|stands?|stood|speaks?|spoken|became of|becomes? of|lets? (?:in|through)|whatever|lies|beside|"
    r"nobody|foretells?|hangs on|bears?|borne|rooms?)\b",
    re.IGNORECASE,
)


def main() -> None:
    """Check the files under version control."""
    paths = [path for path in project.files() if path.suffix in SUFFIXES and path.is_file()]
    texts = {
        project.relative(path): path.read_text(encoding="utf-8")
        for path in paths
        if not SKIPPED.search(project.relative(path))
    }
    lines = sum(text.count("\n") for text in texts.values())
    uses = list(find_uses(texts.items()))
    rate = 1000.0 * len(uses) / max(lines, 1)
    if rate > PER_THOUSAND_LINES:
        shown = "\n".join(uses[:SHOWN])
        fail(
            LeadworthError(
                f"{len(uses)} uses in {lines:,} lines ({rate:.1f} per 1,000):\n{shown}",
                allowed=f"{PER_THOUSAND_LINES} per 1,000 lines",
                do="use the standard term; docs/architecture.md lists them",
            )
        )
    console.print(f"{lines:,} lines: {rate:.2f} words to avoid per 1,000")


def find_uses(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    r"""Yield file, line number and word of each use.

    Examples
    --------
    >>> list(find_uses([("a.py", "x = 1\n# what the platform was told\n")]))
    ['a.py:2: told']
    """
    for name, text in texts:
        for number, line in enumerate(text.splitlines(), start=1):
            for match in WORDS.finditer(line):
                yield f"{name}:{number}: {match.group()}"


if __name__ == "__main__":
    main()

"""Warn where a version of a platform's API ends within 60 days; fail where one that we ship has ended."""

from __future__ import annotations

from datetime import UTC, datetime

from conversions.api_versions import endings, known
from leadworth.console import console, errors, fail
from leadworth.errors import LeadworthError
from leadworth.export_settings import ExportSettings


def main() -> None:
    """Check the versions that the settings name by default."""
    today = datetime.now(UTC).date()
    ended = []
    for one in endings(ExportSettings(), today):
        if one.ends is not None and one.ends >= today:
            errors.print(f"warning: {one}; raise it in leadworth/export_settings.py", soft_wrap=True)
        else:
            ended.append(str(one))
    if ended:
        fail(LeadworthError("\n".join(ended), do="raise the versions in leadworth/export_settings.py"))
    console.print(f"{len(known())} platforms: the versions that we ship are served")


if __name__ == "__main__":
    main()

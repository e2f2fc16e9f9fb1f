"""Warn where a version of a platform's API ends within 60 days; fail where one that we ship has ended."""

from __future__ import annotations

from datetime import UTC, datetime

from conversions.api_versions import endings
from leadworth.console import console, errors, fail
from leadworth.errors import LeadworthError
from leadworth.export_settings import ExportSettings
from leadworth.platform_catalog import platforms

WHERE = "conversions/platforms/{}/settings.py"


def main() -> None:
    """Check the versions that the settings name by default."""
    today = datetime.now(UTC).date()
    ended = []
    for end in endings(ExportSettings(), today):
        if end.ends is not None and end.ends >= today:
            errors.print(f"warning: {end}; raise it in {WHERE.format(end.platform)}", soft_wrap=True)
        else:
            ended.append(str(end))
    if ended:
        fail(LeadworthError("\n".join(ended), do=f"raise the versions in {WHERE.format('*')}"))
    count = sum(bool(platform.versions) for platform in platforms().values())
    console.print(f"{count} platforms: the versions that we ship are served")


if __name__ == "__main__":
    main()

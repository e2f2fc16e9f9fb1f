"""Section `[export.google_file]`."""

from __future__ import annotations

from leadworth.platform_section import FileSection

SECTION = FileSection

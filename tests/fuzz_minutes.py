"""How long the slow fuzz tests run."""

from __future__ import annotations

import os

FUZZ_MINUTES = float(os.environ.get("FUZZ_MINUTES", "60"))

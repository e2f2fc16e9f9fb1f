"""The module `asyncio` with sleeps of a tenth."""

from __future__ import annotations

import asyncio
from typing import Any


class ShortSleeps:
    """Replacement of `asyncio` in a module that polls whether it should end."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / 10)

"""Intervals of summed predicted values, in total and by channel."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

CERTAINTY = 0.9


class ValueRange(BaseModel):
    """Factors of a sum of predicted values: the ends of its interval over the sum."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float = Field(gt=0)
    high: float = Field(gt=0)

    def of(self, value: float) -> tuple[float, float]:
        """Return the interval of a sum.

        Examples
        --------
        >>> ValueRange(low=0.8, high=1.25).of(100.0)
        (80.0, 125.0)
        """
        return value * self.low, value * self.high

    def percent(self) -> str:
        """Return the ends as differences from the sum.

        Examples
        --------
        >>> ValueRange(low=0.82, high=1.2).percent()
        '-18 % to +20 %'
        """
        return f"{100 * (self.low - 1):+.0f} % to {100 * (self.high - 1):+.0f} %"

    def short(self) -> str:
        """Return the ends as differences from the sum, without spaces.

        Examples
        --------
        >>> ValueRange(low=0.82, high=1.2).short()
        '-18..+20%'
        """
        return f"{100 * (self.low - 1):+.0f}..{100 * (self.high - 1):+.0f}%"


class ValueIntervals(BaseModel):
    """90 % intervals of the expected value of many leads, given the sum of their predicted values.

    They hold for the level of the model: how far the sum may be from what such leads are worth on average. The luck of
    single leads comes on top where there are few.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    total: ValueRange
    channels: Mapping[str, ValueRange] = Field({}, description="By channel, in lower case")
    other: ValueRange = Field(description="Channels that the backtest did not see")

    def of_channel(self, channel: str) -> ValueRange:
        """Return the range of a channel, however its name is capitalised.

        Examples
        --------
        >>> wide, narrow = ValueRange(low=0.5, high=2.0), ValueRange(low=0.9, high=1.1)
        >>> intervals = ValueIntervals(total=narrow, channels={"search": narrow}, other=wide)
        >>> intervals.of_channel(" Search") == narrow, intervals.of_channel("fair") == wide
        (True, True)
        """
        return self.channels.get(channel.strip().casefold(), self.other)

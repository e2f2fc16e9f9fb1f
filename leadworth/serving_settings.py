"""Section `[serving]`: the scoring service."""

from __future__ import annotations

from pydantic import Field, SecretStr

from leadworth.settings_section import Section


class ServingSettings(Section):
    """The scoring service."""

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="0: a free one")
    store: SecretStr = Field(SecretStr("sqlite:///leadworth.db"), description="Decision store: SQLAlchemy URL")
    redis: SecretStr | None = Field(
        None,
        description="Redis URL: a cache in front of the velocity events in the store",
    )
    api_keys: bool = Field(True, description="Require an API key for server calls")
    watch_seconds: float = Field(60.0, ge=0, description="Interval of the junk alarms in /metrics; 0: never")
    body_limit_bytes: int = Field(1_048_576, gt=0, description="Largest body of a request")
    max_concurrent: int = Field(
        64, gt=0, description="Requests that a process answers at the same time; further ones get 503"
    )
    per_key_per_minute: int = Field(
        0, ge=0, description="Requests of one API key in a minute; further ones get 429. 0: no limit"
    )
    reload_seconds: float = Field(10.0, gt=0, description="Interval of looking up the champion alias")

"""Colours of the page, light and dark; style sheet and mail take them from here, and their contrast is tested."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "raised": "#f4f6f8",
    "ink": "#16202a",
    "soft": "#4a5763",
    "line": "#8a949d",
    "rule": "#d8dee3",
    "seen": "#0b5f85",
    "predicted": "#b35c00",
    "unknown": "#6b7680",
    "bad": "#9b1c1c",
}
DARK: Mapping[str, str] = {
    "ground": "#12181d",
    "raised": "#1b242b",
    "ink": "#e9eef2",
    "soft": "#b3bec7",
    "line": "#7d8993",
    "rule": "#36424c",
    "seen": "#6cc3ee",
    "predicted": "#f0a14a",
    "unknown": "#9aa6af",
    "bad": "#ff9a94",
}


def style_variables(colours: Mapping[str, str]) -> str:
    """Return the colours as custom properties of a style sheet.

    Examples
    --------
    >>> style_variables({"ink": "#16202a", "bad": "#9b1c1c"})
    '--ink:#16202a;--bad:#9b1c1c'
    """
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())

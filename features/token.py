"""What became of the form's signed token (`docs/reference/evidence.md`)."""

from __future__ import annotations

from features.base import NAN, Cell, Feature, Group, truth

STATES = ("ok", "missing", "bad-signature", "wrong-form", "expired", "replayed")
_REFUSED = frozenset({"bad-signature", "wrong-form"})


def compute(token_state: str | None) -> tuple[Cell, ...]:
    """Return the features of a token's state; an unknown state is missing.

    Examples
    --------
    >>> compute("replayed"), compute(None)
    ((0.0, 0.0, 1.0, 0.0), (nan, nan, nan, nan))
    """
    if token_state not in STATES:
        return (NAN,) * 4
    return (
        truth(token_state == "missing"),
        truth(token_state in _REFUSED),
        truth(token_state == "replayed"),
        truth(token_state == "expired"),
    )


_KEPT = ("token_state",)

GROUP = Group(
    "token",
    _KEPT,
    (
        Feature(
            "token_missing",
            "flag",
            "Form token",
            "Sent without the form's token",
            "Sent with the form's token",
            junk=1,
            keep_with=_KEPT,
        ),
        Feature(
            "token_refused",
            "flag",
            "Form token",
            "The form's token is forged, or of another form",
            "The form's token is genuine",
            junk=1,
            keep_with=_KEPT,
        ),
        Feature(
            "token_replayed",
            "flag",
            "Form token",
            "The form's token was used before",
            "The form's token was not used before",
            junk=1,
            keep_with=_KEPT,
        ),
        Feature(
            "token_expired",
            "flag",
            "Form token",
            "The page was open for a day or cached",
            "The page was fresh",
            keep_with=_KEPT,
        ),
    ),
    compute,
)

GROUPS = (GROUP,)

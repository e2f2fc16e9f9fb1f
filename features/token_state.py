"""State of the form's signed token (`docs/reference/evidence.md`).

Only the junk model uses it (`use="junk"`): the service alone can check a token.
"""

from __future__ import annotations

from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth

STATES = ("ok", "missing", "bad-signature", "wrong-form", "expired", "future", "replayed")
"""A token of ours for another form (two forms on a page) or of another time (a cached page, two clocks) is no sign."""


def compute(token_state: str | None) -> tuple[Cell, ...]:
    """Return the features of a token state; an unknown state is missing.

    Examples
    --------
    >>> compute("replayed"), compute(None)
    ((0.0, 0.0, 1.0, 0.0), (nan, nan, nan, nan))
    """
    if token_state not in STATES:
        return (NAN,) * 4
    return (
        truth(token_state == "missing"),
        truth(token_state == "bad-signature"),
        truth(token_state == "replayed"),
        truth(token_state == "expired"),
    )


_FIELDS = ("token_state",)

GROUP = FeatureGroup(
    "token",
    _FIELDS,
    (
        Feature(
            "token_missing",
            "flag",
            "Form token",
            "Sent without a form token",
            "Sent with a form token",
            junk=1,
            keep_with=_FIELDS,
            use="junk",
        ),
        Feature(
            "token_refused",
            "flag",
            "Form token",
            "The form token is forged",
            "The form token is genuine",
            junk=1,
            keep_with=_FIELDS,
            use="junk",
        ),
        Feature(
            "token_replayed",
            "flag",
            "Form token",
            "The form token was used before",
            "The form token was not used before",
            junk=1,
            keep_with=_FIELDS,
            use="junk",
        ),
        Feature(
            "token_expired",
            "flag",
            "Form token",
            "The form token has expired: the page was open for a day or cached",
            "The form token has not expired",
            keep_with=_FIELDS,
            use="junk",
        ),
    ),
    compute,
    needs="collector",
    version=2,
)

GROUPS = (GROUP,)

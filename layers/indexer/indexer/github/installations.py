"""How an installation of the App stands."""

from __future__ import annotations

from enum import StrEnum


class InstallationState(StrEnum):
    """How an installation stands at GitHub, as it was heard of last."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"

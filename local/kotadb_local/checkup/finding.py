"""What one look has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `mend` says what to do; None when all is well."""

    check: str
    seen: str
    mend: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do."""
        return self.mend is None

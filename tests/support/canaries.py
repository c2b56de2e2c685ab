"""Distinctive texts, planted where secrets and private words stand and found where they leak."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass
class Canaries:
    """Texts by the place where each was planted. A text is long enough to occur nowhere else."""

    texts: dict[str, str] = field(default_factory=dict)

    def plant(self, place: str, *, form: str = "{}") -> str:
        """A text for this place, within `form`; letters and digits, so that any place takes it."""
        assert place not in self.texts
        self.texts[place] = f"Kanarie{secrets.token_hex(10)}"
        return form.format(self.texts[place])

    def know(self, place: str, text: str) -> None:
        """Watch for a secret that stands somewhere already."""
        assert len(text) >= 12
        self.texts[place] = text

    def in_text(self, text: str) -> set[str]:
        """The places whose texts are found in `text`, as they are or encoded."""
        lower = text.lower()
        return {
            place
            for place, canary in self.texts.items()
            if any(form in text for form in _forms(canary)) or canary.encode().hex() in lower
        }


def _forms(canary: str) -> set[str]:
    """A text as it is, quoted, and as base64 has it wherever it begins in a longer one."""
    forms = {canary, canary.lower(), canary[::-1], quote(canary, safe="")}
    for offset in range(3):
        # The first and last characters depend on what stands around.
        encoded = base64.b64encode(b"x" * offset + canary.encode()).decode().rstrip("=")
        forms.add(encoded[2 if offset else 0 :][2:-2] if offset else encoded[:-2])
    return forms

"""What GitHub keeps of an App, as far as tests need it: keys, installations, repositories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

Document = dict[str, Any]


@dataclass(frozen=True)
class AppKey:
    """A private key as GitHub hands it out, and the public one that GitHub keeps."""

    private: str = field(repr=False)
    public: str

    @classmethod
    def make(cls, *, bits: int = 2048, traditional: bool = True) -> Self:
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        pem = serialization.Encoding.PEM
        formats = serialization.PrivateFormat
        private = key.private_bytes(
            pem,
            formats.TraditionalOpenSSL if traditional else formats.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(private.decode(), public.decode())


def account_id(installation_id: int) -> int:
    """The number of the account that has an installation."""
    return installation_id + 5000


@dataclass
class HostedRepository:
    """A repository as the server knows it; its installation is the one that reaches it."""

    id: int
    full_name: str
    private: bool = True
    default_branch: str = "main"
    branches: dict[str, str] = field(default_factory=dict)
    installation_id: int | None = None
    owner_id: int = 1
    tags: set[str] = field(default_factory=set)

    def document(self) -> Document:
        owner, _, name = self.full_name.partition("/")
        return {
            "id": self.id,
            "name": name,
            "full_name": self.full_name,
            "private": self.private,
            "owner": {"login": owner, "id": self.owner_id},
            "default_branch": self.default_branch,
        }


@dataclass
class HostedInstallation:
    id: int
    account: str
    account_type: str = "Organization"
    suspended: bool = False
    selection: str = "selected"

    def document(self) -> Document:
        return {
            "id": self.id,
            "account": {
                "login": self.account,
                "id": account_id(self.id),
                "type": self.account_type,
            },
            "target_type": self.account_type,
            "repository_selection": self.selection,
            "permissions": {"contents": "read", "metadata": "read"},
            "events": ["push"],
            "suspended_at": "2026-01-02T03:04:05Z" if self.suspended else None,
            "suspended_by": None,
        }


@dataclass
class IssuedToken:
    installation_id: int
    repositories: list[str] | None
    permissions: dict[str, str]
    expires_at: float


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def credential(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

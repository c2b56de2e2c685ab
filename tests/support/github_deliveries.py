"""Deliveries as GitHub makes them: payloads of its shape, signed."""

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from tests.functions.gateway import Answer, Gateway

SECRET = "a-webhook-secret-of-more-than-32-characters"
SHA = "a" * 40
NO_COMMIT = "0" * 40


def repository(
    name: str = "ada/engine", *, number: int = 1296269, private: bool = False, **more: Any
) -> dict[str, Any]:
    """A repository as every payload holds it."""
    owner, _, short = name.partition("/")
    return {
        "id": number,
        "name": short,
        "full_name": name,
        "private": private,
        "owner": {"login": owner, "id": 1, "type": "User"},
        "clone_url": f"https://github.com/{name}.git",
        "default_branch": "main",
        "fork": False,
        **more,
    }


def push(
    of: Mapping[str, Any] | None = None,
    *,
    ref: str = "refs/heads/main",
    after: str = SHA,
    before: str = "b" * 40,
) -> dict[str, Any]:
    """A push that moved a ref; to NO_COMMIT where it deleted the ref."""
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NO_COMMIT,
        "deleted": after == NO_COMMIT,
        "forced": False,
        "repository": dict(of or repository()),
        "commits": [],
    }


def installation(
    action: str, *, number: int = 77, login: str = "ada", suspended: bool = False, **more: Any
) -> dict[str, Any]:
    """An installation of the App, as its own events tell of it."""
    return {
        "action": action,
        "installation": {
            "id": number,
            "account": {"id": 1, "login": login, "type": "User"},
            "repository_selection": "selected",
            "suspended_at": "2026-11-26T00:00:00Z" if suspended else None,
        },
        **more,
    }


def signed(body: bytes, secret: str = SECRET) -> str:
    """What GitHub puts into X-Hub-Signature-256."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def headers(event: str, body: bytes, **instead: str | None) -> dict[str, str]:
    """The headers of a delivery; `signature` and `delivery` may be others, or None for none."""
    found = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": instead.get("delivery", str(uuid4())),
        "X-Hub-Signature-256": instead.get("signature", signed(body)),
    }
    return {name: value for name, value in found.items() if value is not None}


Deliver = Callable[..., Answer]


def deliver_to(client: Gateway) -> Deliver:
    """What delivers a payload to a client, signed, under an id of its own or a given one."""

    def deliver(event: str, payload: Any, **instead: str | None) -> Answer:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return client.request(
            "POST", "/webhooks/github", headers=headers(event, body, **instead), body=body
        )

    return deliver

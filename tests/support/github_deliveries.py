"""Deliveries as GitHub makes them: payloads of its shape, signed."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
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
    action: str,
    *,
    number: int = 77,
    login: str = "ada",
    account: int = 1,
    suspended: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """An installation of the App, as its own events tell of it."""
    return {
        "action": action,
        "installation": {
            "id": number,
            "account": {"id": account, "login": login, "type": "User"},
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


_HOSTILE = [
    *("\0", "\ud800", "\u202e", "refs/heads/\ud800", "refs/heads/a\0", "9" * 5_000),
    *(2**63, -1, 1e400),
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(_HOSTILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_WHOLE: Mapping[str, Any] = {
    "push": push(),
    "repository": {
        "action": "renamed",
        "repository": repository(),
        "changes": {"repository": {"name": {"from": "motor"}}, "owner": {"from": {"user": {}}}},
    },
    "installation": installation("created"),
    "installation_repositories": installation("removed", repositories_removed=[{"id": 5}]),
}


def _places_in(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _places_in(member, (*path, name))


@st.composite
def mutated_deliveries(draw: st.DrawFn) -> tuple[str, bytes]:
    """An event and its body, with anything at all in place of one part of it."""
    event = draw(st.sampled_from(sorted(_WHOLE)))
    payload = json.loads(json.dumps(_WHOLE[event]))
    *above, last = draw(st.sampled_from([one for one in _places_in(payload) if one]))
    holder = payload
    for step in above:
        holder = holder[step]
    holder[last] = draw(_JSON)
    return event, json.dumps(payload).encode()

"""GitHub's REST API on the loopback, for one App: decent as documented, or faulty as it is told.

It checks what GitHub checks: the JWT by the App's public keys and its times by the server's own
clock, tokens by their end and by what they reach. Every request is in `log`. `fail` has it answer
by a fault instead, of those in `github_faults` or any other function.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from tests.support.github_accounts import (
    AppKey,
    Document,
    HostedInstallation,
    HostedRepository,
    IssuedToken,
    Request,
    account_id,
)

APP_ID = "123456"

Fault = Callable[["Exchange"], None]


class Refusal(Exception):
    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


@dataclass
class Exchange:
    """One request, and the ways to answer it."""

    handler: Handler
    request: Request
    server: GitHubServer

    def start(self, status: int = 200, **headers: str) -> None:
        self.request.status = status
        self.handler.send_response_only(status)
        decent = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": formatdate(self.server.now(), usegmt=True),
            "Connection": "close" if self.handler.close_connection else "",
        }
        for name, value in {**decent, **headers}.items():
            if value:
                self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, piece: bytes) -> None:
        self.handler.wfile.write(piece)
        self.handler.wfile.flush()

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.start(status, Content_Length=str(len(body)), **headers)
        self.send(body)

    def document(self, found: Any, status: int = 200, **headers: str) -> None:
        self.answer(json.dumps(found).encode(), status, **headers)

    def decent(self) -> None:
        """What GitHub would answer."""
        try:
            self.server.serve(self)
        except Refusal as refusal:
            told = {"message": refusal.message, "documentation_url": "https://docs.github.com/rest"}
            self.document(told, refusal.status, **refusal.headers)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, owner: GitHubServer, *rest: Any) -> None:
        self.owner = owner
        super().__init__(*rest)

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers), body)
        exchange = Exchange(self, request, self.owner)
        fault = self.owner.take(request)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            if fault is None:
                exchange.decent()
            else:
                self.close_connection = True
                fault(exchange)


class Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves amid an answer is what these tests are about."""


@dataclass
class GitHubServer:
    """A `with` block. `ahead` is how far its clock is ahead of this machine's, in seconds."""

    keys: list[AppKey]
    app_id: str = APP_ID
    ahead: float = 0.0
    token_seconds: float = 3600.0
    page_size: int = 100
    certificate: Path | None = None
    fault: Fault | None = None
    only: str = ""
    times: int | None = None
    installations: dict[int, HostedInstallation] = field(default_factory=dict)
    repositories: list[HostedRepository] = field(default_factory=list)
    renamed: dict[str, int] = field(default_factory=dict)
    renamed_branches: dict[tuple[int, str], str] = field(default_factory=dict)
    tokens: dict[str, IssuedToken] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._http = Listener(("127.0.0.1", 0), partial(Handler, self))
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            # The handshake belongs to the connection's own thread, for it may fail.
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=partial(self._http.serve_forever, poll_interval=0.02)
        )
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    # What a test declares -------------------------------------------------------------------------

    @property
    def url(self) -> str:
        scheme, host = ("https", "localhost") if self.certificate else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self._http.server_port}"

    def install(self, account: str, *, number: int | None = None, **rest: Any) -> int:
        """Install the App on an account; the id of the installation."""
        number = number or 1001 + len(self.installations)
        self.installations[number] = HostedInstallation(number, account, **rest)
        return number

    def host(
        self, full_name: str, *, installation_id: int | None = None, **rest: Any
    ) -> HostedRepository:
        """Have a repository, within reach of an installation if one is named."""
        number = 70001 + len(self.repositories)
        if installation_id is not None:
            rest.setdefault("owner_id", account_id(installation_id))
        hosted = HostedRepository(number, full_name, installation_id=installation_id, **rest)
        self.repositories.append(hosted)
        return hosted

    def rename(self, full_name: str, new_name: str) -> None:
        """Give a repository a new name; its old address points to it."""
        hosted = self.named(full_name)
        assert hosted is not None
        self.renamed[full_name.lower()] = hosted.id
        hosted.full_name = new_name

    def expire(self, token: str) -> None:
        """Let a token end now."""
        self.tokens[token].expires_at = self.now()

    def fail(self, fault: Fault | None, *, only: str = "", times: int | None = None) -> None:
        """Answer with `fault` from now on, to targets that hold `only`, so many times."""
        with self._lock:
            self.fault, self.only, self.times = fault, only, times

    def authorises(self, full_name: str, token: str | None) -> bool:
        """Whether a git server lets the bearer of this token read the repository's contents.

        What is not hosted here is not this server's to refuse.
        """
        hosted = self.named(full_name)
        if hosted is None or not hosted.private:
            return True
        issued = self.tokens.get(token or "")
        return (
            issued is not None
            and issued.expires_at > self.now()
            and "contents" in issued.permissions
            and self.reaches(issued, hosted)
        )

    def valid_tokens(self) -> set[str]:
        """The tokens that have not ended."""
        return {token for token, issued in self.tokens.items() if issued.expires_at > self.now()}

    def now(self) -> float:
        return time.time() + self.ahead

    def asked(self, text: str = "") -> list[Request]:
        """The requests whose target holds `text`."""
        return [one for one in self.log if text in one.target]

    # What it does ---------------------------------------------------------------------------------

    def take(self, request: Request) -> Fault | None:
        with self._lock:
            self.log.append(request)
            if self.fault is None or self.only not in request.target or self.times == 0:
                return None
            if self.times is not None:
                self.times -= 1
            return self.fault

    def named(self, full_name: str) -> HostedRepository | None:
        return next(
            (one for one in self.repositories if one.full_name.lower() == full_name.lower()), None
        )

    def reaches(self, issued: IssuedToken, hosted: HostedRepository) -> bool:
        name = hosted.full_name.partition("/")[2]
        return (
            hosted.installation_id == issued.installation_id
            and not self.installations[issued.installation_id].suspended
            and (issued.repositories is None or name.lower() in issued.repositories)
        )

    def serve(self, exchange: Exchange) -> None:
        request = exchange.request
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                answer(self, exchange, *found.groups())
                return
        raise Refusal(404, "Not Found")

    def check_app(self, request: Request) -> None:
        """The JWT is signed by a key of the App, and its times are as GitHub wants them."""
        for key in self.keys:
            try:
                claims = jwt.decode(
                    request.credential,
                    key.public,
                    algorithms=["RS256"],
                    options={"verify_exp": False, "verify_iat": False, "require": ["iat", "exp"]},
                )
            except jwt.PyJWTError:
                continue
            if claims["iss"] != self.app_id:
                raise Refusal(404, "Integration not found")
            if not self.now() < claims["exp"] <= self.now() + 600:
                raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
            if claims["iat"] > self.now():
                raise Refusal(401, "'Issued at' claim ('iat') must be an Integer in the past")
            return
        raise Refusal(401, "A JSON web token could not be decoded")

    def check_token(self, request: Request) -> IssuedToken | None:
        """The token of the request; None if it brings none."""
        if not request.credential:
            return None
        issued = self.tokens.get(request.credential)
        if issued is None or issued.expires_at <= self.now():
            raise Refusal(401, "Bad credentials")
        if self.installations[issued.installation_id].suspended:
            raise Refusal(403, "This installation has been suspended")
        return issued

    def readable(self, exchange: Exchange, full_name: str, rest: str = "") -> HostedRepository:
        """The repository if the request may see it; a redirect if it was renamed."""
        hosted, issued = self.named(full_name), self.check_token(exchange.request)
        moved = self.renamed.get(full_name.lower()) if hosted is None else None
        if moved is not None:
            there = f"{self.url}/repositories/{moved}{rest}"
            raise Refusal(301, "Moved Permanently", Location=there)
        if hosted is None or (hosted.private and not (issued and self.reaches(issued, hosted))):
            raise Refusal(404, "Not Found")
        return hosted

    def by_id(self, number: str) -> str:
        return next((one.full_name for one in self.repositories if one.id == int(number)), "")

    def paged(self, exchange: Exchange, every: list[Document], within: str | None) -> None:
        query = parse_qs(urlsplit(exchange.request.target).query)
        size = min(self.page_size, int(query.get("per_page", ["30"])[0]))
        page = int(query.get("page", ["1"])[0])
        found: Any = every[(page - 1) * size : page * size]
        if within is not None:
            found = {"total_count": len(every), within: found}
        link = ""
        if page * size < len(every):
            there = f"{self.url}{exchange.request.path}?per_page={size}&page="
            last = -(-len(every) // size)
            link = f'<{there}{page + 1}>; rel="next", <{there}{last}>; rel="last"'
        exchange.document(found, Link=link)


def show_installations(server: GitHubServer, exchange: Exchange) -> None:
    server.check_app(exchange.request)
    every = [one.document() for one in server.installations.values()]
    server.paged(exchange, every, within=None)


def show_installation(server: GitHubServer, exchange: Exchange, number: str) -> None:
    server.check_app(exchange.request)
    installation = server.installations.get(int(number))
    if installation is None:
        raise Refusal(404, "Not Found")
    exchange.document(installation.document())


def show_installation_of(server: GitHubServer, exchange: Exchange, full_name: str) -> None:
    server.check_app(exchange.request)
    if (moved := server.renamed.get(full_name.lower())) and not server.named(full_name):
        there = f"{server.url}/repositories/{moved}/installation"
        raise Refusal(301, "Moved Permanently", Location=there)
    hosted = server.named(full_name)
    if hosted is None or hosted.installation_id is None:
        raise Refusal(404, "Not Found")
    exchange.document(server.installations[hosted.installation_id].document())


def make_token(server: GitHubServer, exchange: Exchange, number: str) -> None:
    server.check_app(exchange.request)
    installation = server.installations.get(int(number))
    if installation is None:
        raise Refusal(404, "Not Found")
    if installation.suspended:
        raise Refusal(403, "This installation has been suspended")
    wish = json.loads(exchange.request.body or b"{}")
    reach = [one for one in server.repositories if one.installation_id == installation.id]
    names = wish.get("repositories")
    if names is not None:
        wanted = {name.lower() for name in names}
        reach = [one for one in reach if one.full_name.partition("/")[2].lower() in wanted]
        if len(reach) != len(wanted):
            raise Refusal(422, "There is at least one repository that does not exist")
    token, ends = f"ghs_{secrets.token_hex(18)}", server.now() + server.token_seconds
    permissions = wish.get("permissions", {"contents": "read", "metadata": "read"})
    issued = IssuedToken(
        installation.id, names and [name.lower() for name in names], permissions, ends
    )
    server.tokens[token] = issued
    answer = {
        "token": token,
        "expires_at": datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": permissions,
        "repository_selection": "all" if names is None else "selected",
    }
    if names is not None:
        answer["repositories"] = [one.document() for one in reach]
    exchange.document(answer, 201)


def show_repositories(server: GitHubServer, exchange: Exchange) -> None:
    issued = server.check_token(exchange.request)
    if issued is None:
        raise Refusal(401, "Requires authentication")
    every = [one.document() for one in server.repositories if server.reaches(issued, one)]
    server.paged(exchange, every, within="repositories")


def show_repository(server: GitHubServer, exchange: Exchange, full_name: str) -> None:
    exchange.document(server.readable(exchange, full_name).document())


def show_branch(server: GitHubServer, exchange: Exchange, full_name: str, branch: str) -> None:
    hosted = server.readable(exchange, full_name, rest=f"/branches/{branch}")
    issued = server.tokens.get(exchange.request.credential)
    if hosted.private and not (issued and "contents" in issued.permissions):
        raise Refusal(403, "Resource not accessible by integration")
    name = unquote(branch)
    if new_name := server.renamed_branches.get((hosted.id, name)):
        there = f"{server.url}/repositories/{hosted.id}/branches/{new_name}"
        raise Refusal(301, "Moved Permanently", Location=there)
    if name not in hosted.branches:
        raise Refusal(404, "Branch not found")
    commit = {"sha": hosted.branches[name], "url": "https://api.github.com/x"}
    exchange.document({"name": name, "commit": commit, "protected": False})


def show_tag(server: GitHubServer, exchange: Exchange, full_name: str, tag: str) -> None:
    hosted = server.readable(exchange, full_name, rest=f"/git/ref/tags/{tag}")
    if unquote(tag) not in hosted.tags:
        raise Refusal(404, "Not Found")
    found = {"type": "commit", "sha": "7a" * 20, "url": "https://api.github.com/x"}
    exchange.document({"ref": f"refs/tags/{unquote(tag)}", "object": found})


def show_repository_by_id(server: GitHubServer, exchange: Exchange, number: str) -> None:
    show_repository(server, exchange, server.by_id(number))


def show_branch_by_id(server: GitHubServer, exchange: Exchange, number: str, name: str) -> None:
    show_branch(server, exchange, server.by_id(number), name)


def show_installation_by_id(server: GitHubServer, exchange: Exchange, number: str) -> None:
    show_installation_of(server, exchange, server.by_id(number))


ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("GET", r"/app/installations", show_installations),
    ("GET", r"/app/installations/(\d+)", show_installation),
    ("POST", r"/app/installations/(\d+)/access_tokens", make_token),
    ("GET", r"/installation/repositories", show_repositories),
    ("GET", r"/repos/([^/]+/[^/]+)/installation", show_installation_of),
    ("GET", r"/repos/([^/]+/[^/]+)/branches/(.+)", show_branch),
    ("GET", r"/repos/([^/]+/[^/]+)/git/ref/tags/(.+)", show_tag),
    ("GET", r"/repos/([^/]+/[^/]+)", show_repository),
    ("GET", r"/repositories/(\d+)/installation", show_installation_by_id),
    ("GET", r"/repositories/(\d+)/branches/(.+)", show_branch_by_id),
    ("GET", r"/repositories/(\d+)", show_repository_by_id),
]

"""Secrets and private words go through the whole stack, and come out nowhere."""

from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import replace

import httpx
import pytest
from tests.e2e.conftest import ADMIN_KEY, Stack
from tests.e2e.leaks import Watch, columns_with, servers_log
from tests.fixtures.database import ScratchDatabase
from tests.functions.described import DESCRIPTION
from tests.support import git_server as remote
from tests.support.canaries import Canaries
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.settings import Settings

# Where a repository's own words belong, and an Idempotency-Key.
BELONGS = {
    "content": {
        *("kotadb.file_texts.content", "kotadb.symbols.name", "kotadb.symbols.signature"),
        *("kotadb.symbols.documentation", "kotadb.symbol_references.name"),
        *("kotadb.symbol_names.name", "kotadb.symbol_names.rest"),
    },
    "specifier": {"kotadb.dependencies.specifier", "kotadb.file_texts.content"},
    "path": {"kotadb.files.path"},
    "branch": {
        *("kotadb.index_jobs.requested_ref", "kotadb.index_jobs.ref", "kotadb.snapshots.ref"),
        "kotadb_queue.live.requested_ref",
    },
    "idempotency key": {"kotadb_queue.idempotency_keys.idempotency_key"},
}
# The answers that show them to whom they belong.
SHOWS = {
    "content": (
        *("/file", "/symbols", "/outline", "/definition", "/hover", "/exports", "/unused"),
        *("/search", "/impact", "/mcp", "/hierarchy", "/occurrences"),
    ),
    "path": (
        *("/file", "/symbols", "/outline", "/dependencies", "/definition", "/hover", "/cycles"),
        *("/exports", "/unused", "/search", "/impact", "/mcp", "/hierarchy", "/unresolved"),
        *("/files", "/folder", "/occurrences", "/graph"),
    ),
    "specifier": (
        *("/dependencies", "/file", "/exports", "/search", "/unresolved", "/occurrences"),
    ),
    "branch": (
        *("/admin/jobs", "/jobs", "/repositories", "/files", "/symbols", "/search", "/mcp"),
    ),
}
# A server's own words may quote the row that it refuses; here a trigger does.
TALKATIVE = """
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no such words: %', to_jsonb(new) USING DETAIL = to_jsonb(new)::text;
END;
$$;
CREATE TRIGGER talkative BEFORE INSERT ON kotadb.repositories FOR EACH ROW
WHEN (new.full_name LIKE 'talkative/%') EXECUTE FUNCTION public.refuse();
CREATE TRIGGER talkative BEFORE INSERT ON kotadb.files FOR EACH ROW
WHEN (new.path LIKE 'talkative/%') EXECUTE FUNCTION public.refuse();
ALTER TABLE kotadb.repositories ADD CONSTRAINT planted CHECK (full_name NOT LIKE 'refused/%');
"""
SILENT = """
DROP FUNCTION public.refuse() CASCADE;
ALTER TABLE kotadb.repositories DROP CONSTRAINT planted;
"""


@contextmanager
def talkative(scratch: ScratchDatabase):
    scratch.sql(TALKATIVE)
    try:
        yield
    finally:
        scratch.sql(SILENT)


@pytest.fixture
def watch() -> Watch:
    return Watch(Canaries())


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def ask_badly(http: httpx.Client, plant: Callable[..., str]) -> None:
    """Every refusal of the API and the administration, each with something private in it."""
    unknown_key = plant("key of nobody", form="kota_team_3fT9xQ2LmB7k_{}")
    assert http.get("/jobs", headers=bearer(unknown_key)).status_code == 401
    assert http.get("/jobs", headers=bearer(plant("malformed key"))).status_code == 401
    basic = {"Authorization": plant("basic login", form="Basic {}")}
    assert http.get("/jobs", headers=basic).status_code == 401
    wrong = bearer(plant("wrong admin key"))
    assert http.get("/admin/queue", headers=wrong).status_code == 403
    private = {
        "User-Agent": plant("user agent"),
        "Cookie": plant("cookie", form="session={}"),
        "X-Api-Key": plant("other header"),
        "X-Forwarded-For": plant("forwarded for"),
        "X-Request-Id": plant("insane request id", form="{} with spaces"),
        "Referer": plant("referer", form="https://example.com/?token={}"),
    }
    assert http.get("/jobs", headers=private).status_code == 200
    for path, query in {
        "/health": "token",
        "/symbols": "name",
        "/files": "repository",
        "/file": "path",
        "/dependencies": "path",
        "/graph": "path",
        "/jobs": "status",
        "/repositories": "cursor",
    }.items():
        http.get(path, params={query: plant(f"{query} of {path}")})
        http.get(path, params={"nonsense": plant(f"unknown parameter of {path}")})
    for place, address in {
        "password in a URL": "https://ada:{}@github.com/ada/engine",
        "token in a URL": "https://ghp_{}@github.com/ada/engine.git",
        "token as a user": "https://x-access-token:ghs_{}@github.com/ada/engine",
        "query of a URL": "https://github.com/ada/engine?access_token={}",
        "fragment of a URL": "https://github.com/ada/engine#{}",
        "login of ssh": "ssh://{}@github.com/ada/engine",
        "path on another host": "https://example.com/{}/engine",
        "file on the machine": "file://host/{}",
        "odd name": "ada/{} engine",
    }.items():
        body = {"repository": plant(place, form=address)}
        assert http.post("/index", json=body).status_code == 422, place
    for place, body in {
        "ref": {"ref": "no ..{}"},
        "commit": {"commit_sha": "{}"},
        "unknown field": {"unknown": "{}"},
        "wrong type": {"force": "{}"},
    }.items():
        (name, form), *_ = body.items()
        asked = {"repository": "ada/engine", name: plant(f"{place} of a body", form=form)}
        assert http.post("/index", json=asked).status_code == 422, place
    post = {"Content-Type": "application/json"}
    for place, form, status in [
        ("malformed body", '{{"repository": "{}', 400),
        ("duplicate key", '{{"repository": "{}", "repository": "b"}}', 400),
        ("deep body", '{{"repository": ' + "[" * 30 + '"{}"' + "]" * 30 + "}}", 400),
        ("large body", '{{"repository": "{}' + "x" * 300_000 + '"}}', 413),
    ]:
        sent = plant(place, form=form)
        assert http.post("/index", content=sent, headers=post).status_code == status, place
    text = plant("body of another type")
    assert http.post("/index", content=text, headers={"Content-Type": "text/x"}).status_code == 415
    assert http.put("/jobs", json={"x": plant("body of a wrong method")}).status_code == 405
    odd = {"Idempotency-Key": plant("odd idempotency key", form="{}" + "x" * 300)}
    answer = http.post("/index", json={"repository": "ada/engine"}, headers=odd)
    assert answer.status_code == 400


def ask_the_administration_badly(http: httpx.Client, plant: Callable[..., str]) -> None:
    admin = bearer(ADMIN_KEY)
    assert http.get("/admin/queue", headers=admin).status_code == 200
    for path, field_name in [
        ("/admin/users", "email"),
        ("/admin/keys", "organization"),
        ("/admin/keys", "tier"),
        ("/admin/jobs/retry", "repository_id"),
        ("/admin/organizations", "owner"),
    ]:
        body = {field_name: plant(f"{field_name} for {path}", form="{} ?")}
        assert http.post(path, json=body, headers=admin).status_code in {404, 422}, path
    told = http.get("/admin/audit", params={"cursor": plant("cursor of audit")}, headers=admin)
    assert told.status_code == 400


def read_everything(http: httpx.Client) -> None:
    """Every page and list that there is, once all of it has happened."""
    for path, methods in DESCRIPTION["paths"].items():
        if "get" in methods and "{" not in path:
            key = bearer(ADMIN_KEY) if path.startswith("/admin/") else {}
            query = {"prefix": "a"} if path == "/symbols" else {}
            status = http.get(path, headers=key, params=query).status_code
            asks_for = any(one["required"] for one in methods["get"].get("parameters", ()))
            assert status == (422 if asks_for else 200), path


def meet_the_servers_words(http: httpx.Client, plant: Callable[..., str]) -> None:
    for owner in ("talkative", "refused"):
        body = {"repository": f"{owner}/{plant(f'row of {owner}')}"}
        assert http.post("/index", json=body).status_code == 500


FAULTS = {
    "authentication_required": lambda word: remote.status(401, WWW_Authenticate=word),
    "repository_not_found": lambda word: remote.status(404, X_Note=word),
    "rate_limited": lambda word: remote.status(429, Retry_After=word),
    "remote_unavailable": lambda word: said(word, 503),
    "remote_misbehaved": lambda word: said(word, 418),
    "redirect_refused": lambda word: remote.redirect(f"https://{word}.example"),
    "remote_unsupported": lambda word: remote.canned(
        remote.packet(b"version 1 " + word.encode()) + b"0000"
    ),
}


def said(word: str, code: int) -> remote.Fault:
    return lambda exchange: exchange.answer(word.encode(), code)


def garbage(word: str, stage: str) -> remote.Fault:
    """Decent answers up to one stage, which is words instead of a protocol."""

    def fault(exchange: remote.Exchange) -> None:
        body = exchange.real_answer()
        if exchange.asks == stage:
            line = remote.packet(f"{word} {word}\n".encode())
            body = (b"# " if stage == "capabilities" else b"") + line + body[:20] + line
        exchange.answer(body)

    return fault


def fetch_badly(stack: Stack, server: GitServer, repository: Repository, plant) -> None:
    """Every way in which a remote fails, with words of the remote's in each."""
    sha = repository.commit_files({"a.ts": b"export const a = 1;\n"})
    wanted = {f"words of {code}": (make, code) for code, make in FAULTS.items()}
    for stage in ("capabilities", "refs", "pack"):
        wanted[f"garbage for {stage}"] = (
            lambda word, stage=stage: garbage(word, stage),
            None,
        )
    for number, (place, (make, code)) in enumerate(wanted.items()):
        repository.set_ref(f"refs/heads/{number}", sha)
        server.fault = make(plant(place))
        job_id = stack.post(server.url("owner/sources"), ref=f"refs/heads/{number}")
        stack.wait_until(lambda job_id=job_id: stack.job(job_id)["error_code"])
        assert code in {None, stack.job(job_id)["error_code"]}, place
        stack.http.delete(f"/jobs/{job_id}")
    server.fault = None


def hostile_repository(repository: Repository, plant) -> None:
    """A commit with private words wherever words can stand."""
    content, path = plant("content"), plant("path")
    files = {
        f"src/{path}.ts": (
            f"/** {content} */\nexport const {content} = '{content}';\n"
            f"import '{plant('specifier', form='./{}')}';\n"
        ).encode(),
        f"src/{path}-broken.ts": f"export function {content}( {{ '{content}".encode(),
        f"src/{path}-bytes.ts": b"export const x = '\xff\xfe" + content.encode() + b"';\n",
        f"src/{path}-nul.ts": b"// " + content.encode() + b"\0\n",
        f"src/{path}-deep.ts": b"[" * 50_000 + content.encode(),
        "package.json": f'{{"name": "{content}", broken'.encode(),
        "tsconfig.json": f'{{"compilerOptions": {{"paths": "{content}"'.encode(),
        ".gitattributes": f"{content} export-ignore={content}\n\xff".encode(),
    }
    tree = repository.tree_of(files)
    author = f"{plant('author')} <{plant('e-mail of the author')}@example.org> 1700000000 +0000"
    head = f"tree {tree}\nauthor {author}\ncommitter {author}\n\n{plant('commit message')}\n"
    branch = plant("branch", form="refs/heads/{}")
    repository.set_ref(branch, repository.write("commit", head.encode()))
    repository.set_ref("refs/heads/main", repository.write("commit", head.encode()))


def index_what_is_private(stack: Stack, server: GitServer, root, plant) -> None:
    hostile = Repository.create(root / "owner" / "private")
    hostile_repository(hostile, plant)
    url = server.url("owner/private")
    key = {"Idempotency-Key": plant("idempotency key")}
    answer = stack.http.post("/index", json={"repository": url}, headers=key)
    job = stack.finished(answer.json()["jobId"])
    assert job["status"] == "completed", job
    branch = next(
        one.name for one in (hostile.path / "refs" / "heads").iterdir() if one.name[0] == "K"
    )
    stack.finished(stack.post(url, ref=branch))
    repository_id = job["repository_id"]
    for file in stack.get("/files", repository=repository_id)["files"]:
        shown = {"repository": repository_id, "path": file["path"]}
        for route in ("/file", "/outline", "/dependencies", "/exports", "/occurrences"):
            stack.http.get(route, params=shown)
        for form in ("json", "svg", "dot"):
            stack.http.get("/graph", params={**shown, "format": form})
        change = {"repository": repository_id, "files": [file["path"]]}
        stack.http.post("/impact", json={**change, "symbols": [file["path"]]})
        stack.http.post("/impact", json=change)
        for route in ("/definition", "/hover"):
            stack.http.get(route, params={**shown, "line": 2, "column": 13})
    for route in ("/cycles", "/unused", "/packages", "/unresolved", "/folder"):
        stack.http.get(route, params={"repository": repository_id})
    stack.get("/search", q="/./")
    called = {"name": "repo_map", "arguments": {"repository": repository_id}}
    stack.http.post(
        "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
    )
    for symbol in stack.get("/symbols", repository=repository_id)["symbols"][:20]:
        stack.get("/hierarchy", symbol_id=symbol["id"])
    stack.get("/repositories")
    failing = Repository.create(root / "owner" / "failing")
    failing.commit_files({f"talkative/{plant('row of a file')}.ts": b"export const a = 1;\n"})
    job_id = stack.post(server.url("owner/failing"))
    stack.wait_until(lambda: stack.job(job_id)["error_code"])
    assert stack.job(job_id)["error_code"] == "database_failed"


@pytest.mark.proves("Q24", "W18")
def test_secrets_and_private_words_come_out_nowhere(
    start_stack, git_server, repository, watch, tmp_path, migrated_database
):
    canaries, plant = watch.canaries, watch.canaries.plant
    canaries.know("admin key", ADMIN_KEY)
    for login in ("api", "worker", "admin_role"):
        password = getattr(migrated_database, login).password or ""
        canaries.know(f"database password of {login}", password)
    pepper = plant("pepper")
    stack = start_stack(API_KEY_PEPPER=pepper)
    with closing(Database(migrated_database.admin_role)) as database:
        settings = Settings(api_key_peppers=(pepper,))
        key = issue_key(database, settings, email="ada@example.com", tier="team").api_key
    canaries.know("key", key.rpartition("_")[2])
    http = watch.client(stack, **bearer(key))
    with talkative(migrated_database):
        ask_badly(http, plant)
        ask_the_administration_badly(http, plant)
        meet_the_servers_words(http, plant)
        fetch_badly(stack, git_server, repository, plant)
        index_what_is_private(stack, git_server, tmp_path / "remotes", plant)
        read_everything(http)
    stack.service.stop()

    away = replace(migrated_database.worker, host="127.0.0.1", port=1)
    broken = replace(
        migrated_database,
        api=replace(migrated_database.api, password=plant("wrong password")),
        worker=replace(away, password=plant("password of a database that is away")),
        admin_role=replace(migrated_database.admin_role, dbname=plant("wrong database")),
    )
    for options in ({"database": broken}, {"LEASE_SECONDS": plant("setting that cannot be read")}):
        failing = start_stack(**options)
        client = watch.client(failing)
        assert client.get("/health").status_code == 500
        assert client.get("/jobs").status_code >= 500
        assert client.get("/admin/queue", headers=bearer(ADMIN_KEY)).status_code >= 500
        failing.wait_until(lambda failing=failing: "invocation failed" in failing.logged())
        failing.service.stop()

    log = watch.log()
    assert '"level":"ERROR"' in log
    assert "job_duration_seconds" in log
    assert canaries.in_text(log) == set()
    shown = {
        (place, path)
        for path, text in watch.answers
        for place in canaries.in_text(text)
        if not path.startswith(SHOWS.get(place, ()))
    }
    assert shown == set()
    assert {"content", "path"} <= {
        place for _, text in watch.answers for place in canaries.in_text(text)
    }
    stored = columns_with(migrated_database, canaries)
    strange = {place: columns - BELONGS.get(place, set()) for place, columns in stored.items()}
    assert {place: columns for place, columns in strange.items() if columns} == {}
    assert {"content", "path", "branch", "idempotency key"} <= set(stored)
    # The planted trigger quotes its row in the error itself; and a server names a missing database.
    assert canaries.in_text(servers_log(migrated_database)) <= {
        *("row of talkative", "row of a file", "wrong database")
    }

"""What a tenant has, by the name of the parameter or field that asks for it; and nothing at all."""

from typing import Any
from uuid import UUID, uuid4

from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.search.indexed import Commit, index

from indexer.access.installations import link
from indexer.access.organizations import Role, set_member
from indexer.access.provisioning import add_key, ensure_organization, ensure_user
from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Unresolved
from indexer.search.symbols import SymbolId
from indexer.settings import Settings

Values = dict[str, list[Any]]
INSTALLATIONS = (41_522_108, 41_522_109)

# These lead to what somebody has: asked with another tenant's they find nothing.
REFERENCES = {
    "commit_sha",
    "cursor",
    "entry",
    "files",
    "folder",
    "idempotency-key",
    "job_id",
    "name",
    "package",
    "params",
    "path",
    "prefix",
    "q",
    "ref",
    "repository",
    "repository_id",
    "symbol_id",
    "symbols",
}
# These say how to answer, and lead to nothing by themselves.
PLAIN: Values = {
    "column": [4, 9],
    "contains": ["ts", "MAIN"],
    "declarations": ["all", "first"],
    "defined": ["true", "false"],
    "depth": [1, 10],
    "direction": ["dependencies", "dependents", "both", "supertypes", "subtypes"],
    "exported_only": [True, False],
    "force": [True, False],
    "format": ["json", "svg", "dot"],
    "id": [1, "one"],
    "imports": ["all", "runtime"],
    "jsonrpc": ["2.0"],
    "kind": ["function", "call"],
    "language": ["typescript"],
    "limit": [1, 100],
    "line": [1, 2],
    "lines": ["1-2", "2"],
    "method": ["tools/call"],
    "nested": ["true", "false"],
    "overlap_seconds": [604_800],
    "reason": ["file_not_found", "not_code"],
    "skip_unknown": [True, False],
    "status": ["pending", "completed"],
    "tests_only": [True, False],
}


def make_world(scratch: ScratchDatabase, tenant_id: UUID, owner: str) -> Values:
    """Index two repositories for the tenant, one of them again; what leads to them. No cursors."""
    engine, main = (f"{owner}/{name}.ts" for name in ("engine", "main"))
    commit = Commit((engine, main), texts={main: "import './engine';\nrun();\n"})
    names = [f"{owner}Engine{number}" for number in range(3)]
    for number, name in enumerate(names):
        commit.define(engine, name, line=number + 1)
    runs = commit.define(main, f"{owner}Runs", line=1)
    for line in range(3):
        commit.use(main, 0, line=line + 1, kind=ReferenceKind.CALL, enclosing=runs)
    commit.depend(main, "./engine", to=engine)
    for path in (engine, main):
        package = f"{owner}-kit"
        commit.depend(path, package, package=package, reason=Unresolved.EXTERNAL_PACKAGE, line=2)
        commit.depend(path, "./gone", reason=Unresolved.FILE_NOT_FOUND, line=3)
    commit.depend(main, "fs", package="fs", reason=Unresolved.BUILTIN, line=4)
    full_name, branch = f"{owner}/engine", f"{owner}-branch"
    for _ in range(2):
        repository_id = index(
            scratch, tenant_id, commit, name=full_name, ref=branch, default_ref=branch
        )
    index(scratch, tenant_id, commit, name=f"{owner}/other", commit_sha=OTHER_SHA)
    done = scratch.sql("SELECT id FROM kotadb.index_jobs WHERE repository_id = %s", repository_id)
    # The current one, and the one that it replaced.
    snapshots = scratch.sql(
        "SELECT snapshot_id FROM kotadb.snapshots WHERE repository_id = %s "
        "ORDER BY publication DESC",
        repository_id,
    )
    return {
        "commit_sha": [SHA],
        "entry": [main],
        "files": [[main], [engine]],
        "folder": [owner, f"{owner}/"],
        "idempotency-key": [f"{owner}-key"],
        "job_id": [str(done[0]["id"])],
        "name": [names[0]],
        "params": [
            called("search_code", query=names[0]),
            called("get_outline", repository=full_name, path=engine),
            called("get_index_job_status", job_id=str(done[0]["id"])),
            called("find_references", symbol=str(SymbolId(snapshots[0]["snapshot_id"], 0))),
        ],
        "package": [f"{owner}-kit"],
        "path": [main, engine],
        "prefix": [owner],
        "q": [names[0], f'repo:{full_name} "run();"', f"symbol:{owner}"],
        "ref": [branch],
        "repository": [full_name, str(repository_id)],
        "repository_id": [str(repository_id)],
        "symbol_id": [str(SymbolId(row["snapshot_id"], 0)) for row in snapshots],
        "symbols": [[names[0]], [str(SymbolId(snapshots[0]["snapshot_id"], 0))]],
    }


def called(tool: str, **arguments: str) -> dict[str, Any]:
    """What calls a tool of the coding agents."""
    return {"name": tool, "arguments": arguments}


def operators_world(scratch: ScratchDatabase) -> Values:
    """Make an organisation with members and a key; what leads there, and what actions take.

    Of the App's two installations the second is the organisation's.
    """
    engines, ada = "engines", "ada@example.com"
    with (
        scratch.database(scratch.admin_role) as database,
        database.transaction() as statements,
    ):
        organization = ensure_organization(statements, name=engines)
        for email, role in ((ada, Role.OWNER), ("eve@example.com", Role.MEMBER)):
            user = ensure_user(statements, email=email).tenant_id
            set_member(statements, organization=organization.tenant_id, user=user, role=role)
        key = add_key(
            statements,
            Settings(),
            tenant_id=organization.tenant_id,
            tier=organization.tier,
            name="tests",
        )
        for number in INSTALLATIONS:
            install(scratch, number, account=engines)
        link(statements, INSTALLATIONS[1], tenant_id=organization.tenant_id)
    return {
        "account": [engines],
        "action": ["create_key", "retry_job"],
        "dry_run": [True, False],
        "email": [ada],
        "error_code": ["worker_crashed"],
        "installation_id": list(map(str, INSTALLATIONS)),
        "key_id": [key.key_id],
        "linked": [True, False],
        "offset": [0, 1],
        "organization": [engines, str(organization.tenant_id)],
        "owner": [ada],
        "priority": [-100, 7],
        "role": ["member", "admin", "owner"],
        "target": [engines],
        "tier": ["free", "team"],
        "user": [ada, "eve@example.com"],
        "valid_days": [1, 3_650],
    }


def install(
    scratch: ScratchDatabase, number: int, *, account: str = "ada", state: str = "active"
) -> None:
    """Have GitHub told of an installation of the App."""
    scratch.sql("SELECT kotadb.note_installation(%s, %s, %s, %s, false)", number, 1, account, state)


def ask_once(scratch: ScratchDatabase, tenant_id: UUID, name: str, *, key: str) -> UUID:
    """Have a repository indexed, as by a request with an Idempotency-Key; the job's id."""
    request = IndexRequest(
        tenant_id=tenant_id,
        clone_url=f"https://github.com/{name}.git",
        full_name=name,
        request_id="tests",
    )
    with scratch.database(scratch.api) as database:
        return JobQueue(database, Settings()).enqueue_once(request, key=key).job_id


def nothing() -> Values:
    """What leads nowhere, of the same form and at the same places of any order."""
    return {
        "commit_sha": ["c" * 40],
        "entry": ["adx/main.ts"],
        "files": [["adx/main.ts"], ["adx/engine.ts"]],
        "folder": ["adx", "adx/"],
        "idempotency-key": ["adx-key"],
        "job_id": [str(uuid4()), str(uuid4())],
        "name": ["adxEngine0"],
        "params": [
            called("search_code", query="adxEngine0"),
            called("get_outline", repository="adx/engine", path="adx/engine.ts"),
            called("get_index_job_status", job_id=str(uuid4())),
            called("find_references", symbol=str(SymbolId(2**31 - 1, 0))),
        ],
        "package": ["adx-kit"],
        "path": ["adx/main.ts", "adx/engine.ts"],
        "prefix": ["adx"],
        "q": ["adxEngine0", 'repo:adx/engine "run();"', "symbol:adx"],
        "ref": ["adx-branch"],
        "repository": ["adx/engine", str(uuid4())],
        "repository_id": [str(uuid4())],
        "symbol_id": [str(SymbolId(2**31 - 1, 0)), str(SymbolId(2**31 - 2, 0))],
        "symbols": [["adxEngine0"], [str(SymbolId(2**31 - 1, 0))]],
    }

"""What a tenant has, by the name of the parameter or field that asks for it; and nothing at all."""

from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.search.indexed import Commit, index

from indexer.access.installations import link
from indexer.access.organizations import Role, set_member
from indexer.access.provisioning import add_key, ensure_organization, ensure_user
from indexer.database.connection import Database
from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.parsing.facts import ReferenceKind
from indexer.search.symbols import SymbolId
from indexer.settings import Settings

Values = dict[str, list[Any]]
INSTALLATIONS = (41_522_108, 41_522_109)

# These lead to what somebody has: asked with another tenant's they find nothing.
REFERENCES = {
    "commit_sha",
    "cursor",
    "idempotency-key",
    "job_id",
    "name",
    "path",
    "prefix",
    "ref",
    "repository",
    "repository_id",
    "symbol_id",
}
# These say how to answer, and lead to nothing by themselves.
PLAIN: Values = {
    "column": [4, 9],
    "depth": [1, 10],
    "direction": ["dependencies", "dependents", "both"],
    "force": [True, False],
    "imports": ["all", "runtime"],
    "kind": ["function", "call"],
    "language": ["typescript"],
    "limit": [1, 100],
    "line": [1, 2],
    "lines": ["1-2", "2"],
    "overlap_seconds": [604_800],
    "status": ["pending", "completed"],
}


def make_world(scratch: ScratchDatabase, tenant_id: UUID, owner: str) -> Values:
    """Index two repositories for the tenant; what leads to them. Cursors are none."""
    engine, main = (f"{owner}/{name}.ts" for name in ("engine", "main"))
    commit = Commit((engine, main), texts={main: "import './engine';\nrun();\n"})
    names = [f"{owner}Engine{number}" for number in range(3)]
    for number, name in enumerate(names):
        commit.define(engine, name, line=number + 1)
    runs = commit.define(main, f"{owner}Runs", line=1)
    for line in range(3):
        commit.use(main, 0, line=line + 1, kind=ReferenceKind.CALL, enclosing=runs)
    commit.depend(main, "./engine", to=engine)
    full_name, branch = f"{owner}/engine", f"{owner}-branch"
    repository_id = index(
        scratch, tenant_id, commit, name=full_name, ref=branch, default_ref=branch
    )
    index(scratch, tenant_id, commit, name=f"{owner}/other", commit_sha=OTHER_SHA)
    done = scratch.value("SELECT id FROM kotadb.index_jobs WHERE repository_id = %s", repository_id)
    snapshot = scratch.value(
        "SELECT snapshot_id FROM kotadb.snapshots WHERE repository_id = %s", repository_id
    )
    return {
        "commit_sha": [SHA],
        "idempotency-key": [f"{owner}-key"],
        "job_id": [str(done)],
        "name": [names[0]],
        "path": [main, engine],
        "prefix": [owner],
        "ref": [branch],
        "repository": [full_name, str(repository_id)],
        "repository_id": [str(repository_id)],
        "symbol_id": [str(SymbolId(snapshot_id=snapshot, symbol_no=0))],
    }


def operators_world(scratch: ScratchDatabase) -> Values:
    """Make an organisation with members and a key; what leads there, and what actions take.

    Of the App's two installations the second is the organisation's.
    """
    engines, ada = "engines", "ada@example.com"
    with closing(Database(scratch.admin_role)) as database, database.transaction() as statements:
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
    with closing(Database(scratch.api)) as database:
        return JobQueue(database, Settings()).enqueue_once(request, key=key).job_id


def nothing() -> Values:
    """What leads nowhere, of the same form and at the same places of any order."""
    return {
        "commit_sha": ["c" * 40],
        "idempotency-key": ["adx-key"],
        "job_id": [str(uuid4()), str(uuid4())],
        "name": ["adxEngine0"],
        "path": ["adx/main.ts", "adx/engine.ts"],
        "prefix": ["adx"],
        "ref": ["adx-branch"],
        "repository": ["adx/engine", str(uuid4())],
        "repository_id": [str(uuid4())],
        "symbol_id": [str(SymbolId(snapshot_id=2**31 - 1, symbol_no=0))],
    }

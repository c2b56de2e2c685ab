"""The description against the running service: every operation, right and wrong requests.

KOTADB_CONTRACT_EXAMPLES sets how many of each are tried, KOTADB_CONTRACT_SEED which.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import closing

from tests.contract.project import ROOT, tool
from tests.e2e.conftest import ADMIN_KEY
from tests.fixtures.database import ScratchDatabase
from tests.functions.world import PLAIN, REFERENCES, make_world, operators_world

from indexer.access.provisioning import ensure_user
from indexer.database.connection import Database

EXAMPLES = int(os.environ.get("KOTADB_CONTRACT_EXAMPLES", "15"))
# One for all runs, so that no change is refused for what it did not bring.
SEED = int(os.environ.get("KOTADB_CONTRACT_SEED", "943444"))
# Under a minute where there is nothing else to do, over five on a machine with many times its work.
PATIENCE = 900
# Without one of these there is nothing to answer with.
LEADING = REFERENCES | {
    *("account", "email", "installation_id", "key_id", "lines", "organization", "owner"),
    *("target", "user"),
}
DESCRIPTION = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))


def known_values(scratch: ScratchDatabase) -> dict[str, str]:
    """What a request may ask for, by the name of its parameter; the stack's key is that user's."""
    with closing(Database(scratch.admin_role)) as database, database.transaction() as statements:
        tenant = ensure_user(statements, email="ada@example.com").tenant_id
    world = operators_world(scratch) | make_world(scratch, tenant, "ada")
    return {name: values[0] for name, values in (PLAIN | world).items() if name in LEADING}


def test_every_answer_is_one_that_the_description_tells(start_stack, migrated_database, tmp_path):
    # Before the first tick, with which the stack stops all leasing: the worker would fetch what
    # the requests name.
    known = known_values(migrated_database)
    stack = start_stack(WORKER_ENABLED="false", REQUESTS_PER_HOUR_TEAM=str(10**9))
    assert set(re.findall(r"{(\w+)}", " ".join(DESCRIPTION["paths"]))) <= set(known)
    command = [
        tool("schemathesis"),
        f"--config-file={ROOT / 'schemathesis.toml'}",
        "run",
        str(ROOT / "docs/openapi.json"),
        f"--url={stack.service.url}",
        f"--seed={SEED}",
        f"--max-examples={EXAMPLES}",
        "--continue-on-failure",
        "--warnings=off",
        "--no-shrink",
    ]
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.e2e.contract_hooks",
            "KOTADB_KNOWN_VALUES": json.dumps(known),
            "KOTADB_KNOWN_SEED": str(SEED),
            "KOTADB_API_KEY": stack.key,
            "KOTADB_ADMIN_KEY": ADMIN_KEY,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    sys.stdout.write(run.stdout + run.stderr)
    assert run.returncode == 0, f"seed {SEED}"
    # Nothing of it may have been left out, and the jobs that were asked for have been followed.
    selected, every = re.search(r"Operations: +(\d+) selected / (\d+) total", run.stdout).groups()
    assert selected == every == str(sum(len(item) for item in DESCRIPTION["paths"].values()))
    assert re.search(r"API Links: +[1-9]\d* covered", run.stdout)

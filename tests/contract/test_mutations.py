"""What `make mutations` takes away stands where its list says."""

import subprocess
import sys

import pytest
from tests.contract.project import ROOT, known_tests
from tests.mutations.guards import GUARDS, Guard, GuardMoved


@pytest.mark.parametrize("guard", GUARDS, ids=lambda one: one.name)
def test_a_guard_stands_where_the_list_says_and_its_test_exists(guard):
    file, without = guard.removed(ROOT)
    whole = file.read_text(encoding="utf-8")
    assert len(without) - len(whole) == len(guard.without) - len(guard.text) != 0
    assert guard.test.partition("[")[0] in known_tests()


def test_a_guard_that_moved_is_told():
    with pytest.raises(GuardMoved):
        Guard(name="gone", place="sql/queries/queue.sql", text="no such words", test="x").removed(
            ROOT
        )
    with pytest.raises(GuardMoved):
        Guard(name="gone", place="kotadb_queue.nothing", text="x", test="x").removed(ROOT)


@pytest.mark.parametrize(
    ("names", "code", "told"),
    [
        (["tenants: nobody"], 0, "tenants: nobody sees nothing, also on a connection that "),
        (["no such guard"], 2, ""),
    ],
)
def test_guards_are_chosen_by_words_of_their_names(names, code, told):
    asked = subprocess.run(
        [sys.executable, "-m", "tests.mutations", "--list", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (asked.returncode, asked.stdout.startswith(told)) == (code, True)
    assert len(asked.stdout.splitlines()) == (code == 0)
    assert ("no guard has such a name" in asked.stderr) == (code != 0)

import pytest
from tests.contract.project import functions
from tests.release import locks

HASH = "0" * 63
SEVERAL = f"""\
plain==1.0 \\
    --hash=sha256:{HASH}1 \\
    --hash=sha256:{HASH}2
    # via kotadb (pyproject.toml)
Some_Name[extra]==2.0.post1 ; sys_platform == 'linux' \\
    --hash=sha256:{HASH}3
    # via
    #   plain
    #   Other.Name
elsewhere==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:{HASH}4
    # via plain
versions==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:{HASH}5
    # via plain
versions==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:{HASH}6
    # via plain
"""


def test_an_entry_is_read_with_its_version_hashes_and_who_asked():
    plain, some_name, *_ = locks.read(SEVERAL)
    assert (plain.name, plain.version) == ("plain", "1.0")
    assert plain.hashes == (f"{HASH}1", f"{HASH}2")
    assert plain.asked_by == ("kotadb",)
    assert (some_name.name, some_name.version) == ("some-name", "2.0.post1")
    assert some_name.asked_by == ("plain", "other-name")


def test_what_is_deployed_is_what_the_machine_of_the_functions_gets():
    assert {name: pin.version for name, pin in locks.deployed(SEVERAL).items()} == {
        "plain": "1.0",
        "some-name": "2.0.post1",
        "versions": "2.0",
    }


def test_the_machine_of_the_functions_is_the_templates():
    runtimes = {function["Runtime"] for function in functions().values()}
    assert runtimes == {f"python{locks.DEPLOYED['python_version']}"}
    assert locks.DEPLOYED["python_full_version"].startswith(locks.DEPLOYED["python_version"])


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("loose>=1.0 \\\n    --hash=sha256:" + "0" * 64, "not pinned to a version: loose>=1.0"),
        ("star==1.* \\\n    --hash=sha256:" + "0" * 64, "not pinned to a version"),
        ("bare==1.0\n    # via plain", "without a hash: bare==1.0"),
        ("short==1.0 \\\n    --hash=sha256:00", "without a hash"),
        ("url @ https://example.com/a.whl \\\n    --hash=sha256:" + "0" * 64, "not pinned"),
        ("--index-url https://example.com", "an option is no package"),
    ],
)
def test_what_is_no_pin_with_a_hash_is_refused(entry, fault):
    with pytest.raises(ValueError, match=fault):
        locks.read(f"{SEVERAL}{entry}\n")

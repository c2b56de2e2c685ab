"""The workflows of GitHub test what the project claims, with as few rights as they need."""

import re
import subprocess

import pytest
import yaml
from tests.contract.project import ROOT, functions, pyproject, text, tool

from indexer.database.target import Target

FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.glob("*.y*ml"))
PINNED = re.compile(r"uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v\d+(?:\.\d+)*)")
# The one job that may change anything, and what for.
WRITES = {("release.yml", "publish"): {"contents": "write"}}


def loaded(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))


WORKFLOWS = {file.name: loaded(file) for file in FILES}
JOBS = [(name, job, body) for name, flow in WORKFLOWS.items() for job, body in flow["jobs"].items()]
STEPS = [(name, job, step) for name, job, body in JOBS for step in body.get("steps", ())]
each_job = pytest.mark.parametrize(
    ("name", "job", "body"), JOBS, ids=[f"{name}:{job}" for name, job, _ in JOBS]
)


def triggers(name):
    # YAML 1.1 reads the word `on` as a truth value.
    return WORKFLOWS[name][True]


def every(value, key):
    """All values of a key, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


def test_there_are_workflows_for_changes_nights_releases_and_dependencies():
    assert set(WORKFLOWS) == {"ci.yml", "dependencies.yml", "nightly.yml", "release.yml"}
    assert {"push", "pull_request"} <= set(triggers("ci.yml"))
    assert triggers("release.yml") == {"push": {"tags": ["v*"]}}
    assert triggers("dependencies.yml")["schedule"]
    assert {"schedule", "workflow_dispatch"} == set(triggers("nightly.yml"))


def test_no_workflow_runs_with_our_rights_what_a_stranger_wrote():
    dangerous = {"pull_request_target", "workflow_run", "issue_comment"}
    assert [name for name in WORKFLOWS if dangerous & set(triggers(name))] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_and_tells_its_version(file):
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    uses = [line.removeprefix("- ") for line in lines if re.match(r"(- )?uses:", line)]
    assert uses
    assert len(uses) == len(list(every(loaded(file), "uses")))
    for line in uses:
        local = re.fullmatch(r"uses: \./(\.github/workflows/[\w-]+\.yml)", line)
        assert (ROOT / local[1]).is_file() if local else PINNED.fullmatch(line), line


def test_an_action_has_one_version_everywhere():
    found = {pin for file in FILES for pin in PINNED.findall(file.read_text(encoding="utf-8"))}
    assert len(found) == len({action for action, _, _ in found})


def test_a_workflow_itself_has_no_rights():
    assert [name for name, flow in WORKFLOWS.items() if flow["permissions"] != {}] == []


@each_job
def test_a_job_may_read_and_nothing_else_unless_it_makes_the_release(name, job, body):
    assert body["permissions"] == WRITES.get((name, job), {"contents": "read"})


def test_the_job_that_makes_the_release_runs_nothing_of_the_repository():
    (steps,) = [body["steps"] for name, job, body in JOBS if (name, job) in WRITES]
    actions = {step["uses"].partition("@")[0] for step in steps if "uses" in step}
    assert actions == {"actions/download-artifact"}
    (script,) = [step["run"] for step in steps if "run" in step]
    assert re.match(r'gh release create "\$TAG" --verify-tag ', script)


def test_each_job_ends_after_some_time():
    # A called workflow has the bounds of its own jobs.
    bounds = {
        (name, job): body["timeout-minutes"] for name, job, body in JOBS if "uses" not in body
    }
    assert [place for place, minutes in bounds.items() if not 0 < minutes <= 90] == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_two_runs_of_a_workflow_do_not_meet(name):
    assert WORKFLOWS[name]["concurrency"]["group"]


def test_a_release_is_never_broken_off_by_the_next():
    assert WORKFLOWS["release.yml"]["concurrency"]["cancel-in-progress"] is False
    # A called workflow is in the group of its caller if its name does not keep them apart.
    groups = [flow["concurrency"]["group"].partition("-")[0] for flow in WORKFLOWS.values()]
    assert len(set(groups)) == len(groups)


def test_a_checkout_leaves_no_token_behind():
    checkouts = [step for _, _, step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


def test_no_script_is_put_together_from_what_others_wrote():
    """Values come into a script as variables, which a shell does not carry out."""
    scripts = [script for flow in WORKFLOWS.values() for script in every(flow, "run")]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []
    assert [script for script in scripts if script.startswith("make") and "$" in script] == []


def test_no_secret_but_the_token_of_the_run_is_used():
    named = {one for file in FILES for one in re.findall(r"secrets[.\[]\W*(\w+)", file.read_text())}
    assert named <= {"GITHUB_TOKEN"}
    tokens = [(name, job) for name, job, body in JOBS if "github.token" in str(body)]
    assert tokens == list(WRITES)


def test_what_a_workflow_makes_the_makefile_has():
    scripts = [script for flow in WORKFLOWS.values() for script in every(flow, "run")]
    scripts.append(text(".ci/run"))
    called = re.compile(r"^ *make ([\w-]+)", re.MULTILINE)
    named = {one for script in scripts for one in called.findall(script)}
    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    assert {"check", "test", "build", "compatibility", "notes", "audit"} <= named
    assert named - targets == set()


def matrix(job):
    return WORKFLOWS["ci.yml"]["jobs"][job]["strategy"]["matrix"]


def versions(first, last):
    """3.11 to 3.13, or 15 to 18: all of them."""
    before, _, low = first.rpartition(".")
    high = int(last.rpartition(".")[2])
    return [f"{before}{'.' if before else ''}{one}" for one in range(int(low), high + 1)]


def test_the_pythons_that_are_claimed_are_tested():
    tested = matrix("python")["python"]
    low, high = re.fullmatch(
        r">=(3\.\d+),<3\.(\d+)", pyproject()["project"]["requires-python"]
    ).groups()
    assert tested == versions(low, f"3.{int(high) - 1}")
    claims = {
        page: re.findall(r"Python (3\.\d+) to (3\.\d+)", text(page))
        for page in ("README.md", "docs/operations.md", "docs/releases.md")
    }
    for page, claimed in claims.items():
        assert claimed, page
        assert [versions(*one) for one in claimed] == [tested] * len(claimed), page


def test_the_servers_that_are_claimed_are_tested():
    tested = matrix("postgres")["postgres"]
    for page in ("docs/deployment.md", "docs/releases.md"):
        (claimed,) = re.findall(r"Postgres\b[^.|]*?\b(1\d) to (1\d)\b", text(page))
        assert versions(*claimed) == tested, page


def test_the_tests_are_told_of_the_server_that_is_started_for_them():
    job = WORKFLOWS["ci.yml"]["jobs"]["postgres"]
    service = job["services"]["postgres"]
    assert service["image"] == "postgres:${{ matrix.postgres }}"
    target = Target.from_environment(job["env"])
    assert (target.host, target.sslmode) == ("localhost", "disable")
    assert service["ports"] == [f"{target.port}:5432"]
    # What the image makes with nothing but a password: superuser and database `postgres`.
    assert (target.user, target.dbname) == ("postgres", "postgres")
    assert service["env"] == {"POSTGRES_PASSWORD": target.password}
    assert "pg_isready" in service["options"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make test"]


def test_the_embedded_server_is_what_the_other_tests_use():
    assert "DATABASE_URL" not in str(WORKFLOWS["ci.yml"]["jobs"]["python"])


def test_the_stack_is_built_with_the_python_of_the_functions():
    steps = WORKFLOWS["ci.yml"]["jobs"]["stack"]["steps"]
    (python,) = [
        step["with"]["python-version"] for step in steps if "python" in str(step.get("uses"))
    ]
    assert {function["Runtime"] for function in functions().values()} == {f"python{python}"}


def test_a_night_tries_at_length_what_a_change_tries_briefly():
    jobs = WORKFLOWS["nightly.yml"]["jobs"]
    assert set(jobs) == {"model", "chaos", "mutations"}
    assert jobs["model"]["env"] == {"EXAMPLES": 500, "STEPS": 50}
    assert jobs["chaos"]["env"]["DURATION"] == 600


@pytest.mark.parametrize("name", ["model", "chaos", "mutations"])
def test_a_night_that_ends_red_leaves_what_it_takes_to_repeat_it(name):
    flow = WORKFLOWS["nightly.yml"]
    job = flow["jobs"][name]
    run, *after = (step for step in job["steps"] if f"dist/{name}.log" in str(step) or "if" in step)
    # Without its being named, a shell goes on past what failed in a pipe.
    assert (run["shell"], f"make {name}" in run["run"]) == ("bash", True)
    assert {step["if"] for step in after} == {"failure() || cancelled()"}
    assert after[-1]["with"] == {"name": name, "path": "dist/"}
    if name != "mutations":
        assert flow["env"]["SEED"] == "${{ inputs.seed || github.run_number }}"
        (told,) = (step["run"] for step in after if "run" in step)
        given = " ".join(f"{one}=${one}" for one in ("SEED", *job["env"]))
        assert told == f'echo "Again with: \\`make {name} {given}\\`" >> "$GITHUB_STEP_SUMMARY"\n'


def test_the_release_before_can_be_found():
    steps = WORKFLOWS["ci.yml"]["jobs"]["compatibility"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0


def test_a_release_waits_for_every_check_and_for_its_notes():
    jobs = WORKFLOWS["release.yml"]["jobs"]
    assert jobs["checks"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in triggers("ci.yml")
    assert set(jobs["publish"]["needs"]) == {"notes", "checks"}
    (notes,) = [step for step in jobs["notes"]["steps"] if "make notes" in step.get("run", "")]
    assert notes["env"] == {"TAG": "${{ github.ref_name }}"}


def test_what_a_release_attaches_was_made_by_its_jobs():
    told = {
        step["with"]["name"] for _, _, step in STEPS if "upload-artifact" in step.get("uses", "")
    }
    publish = WORKFLOWS["release.yml"]["jobs"]["publish"]
    taken = {step["with"]["name"] for step in publish["steps"] if "with" in step}
    assert taken <= told
    written = {
        place
        for flow in WORKFLOWS.values()
        for script in every(flow, "run")
        for place in re.findall(r"--output (\S+?)'", script)
    }
    (script,) = [step["run"] for step in publish["steps"] if "run" in step]
    assert set(re.findall(r"dist/\S+", script)) == written


def test_dependabot_proposes_packages_actions_and_the_layer():
    updates = yaml.safe_load(text(".github/dependabot.yml"))["updates"]
    looked_at = {one["package-ecosystem"]: one for one in updates}
    assert set(looked_at) == {"github-actions", "pip"}
    for folder in looked_at["pip"]["directories"]:
        assert (ROOT / folder.strip("/")).is_dir()
    # A version is let lie for some days, in which most planted ones are found.
    assert [one for one in updates if one["cooldown"]["default-days"] < 3] == []


def test_the_auditor_of_workflows_finds_nothing():
    found = subprocess.run(
        [tool("zizmor"), "--offline", "--no-progress", "--min-severity=medium", ROOT / ".github"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found.returncode == 0, found.stdout + found.stderr

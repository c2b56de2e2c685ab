import ast
import dataclasses
import re
from pathlib import Path

import pytest
from tests.contract.project import (
    OTHER_VARIABLES,
    ROOT,
    SOURCES,
    modules,
    pyproject,
    section,
    table,
    template,
    text,
)

from admin_function.actions.catalogue import CATALOGUE
from indexer.database.logins import ROLE_LIMITS
from indexer.database.migrate import known_migrations
from indexer.database.target import EXAMPLE, Target
from indexer.settings import Settings
from kotadb_local import dotenv

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
)
# What the operating system and AWS set, and tools of others read.
FOREIGN_VARIABLES = re.compile(
    r"AWS_\w+|_HANDLER|HOME|PATH|LANG|TMPDIR|PYTHON\w*|PG\w+|LD_LIBRARY_PATH|SSL_CERT_\w+"
)


def shown(value: object) -> str:
    """A default as a person would write it into the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def test_operations_has_one_table_of_all_settings(documented):
    rows = [
        f"| `{one.metadata['variable']}` | {shown(one.default)} | {one.metadata['meaning']} |\n"
        for one in dataclasses.fields(Settings)
    ]
    shall_be = "| variable | default | meaning |\n|---|---|---|\n" + "".join(rows)
    assert documented("docs/operations.md", "settings", shall_be=shall_be) == shall_be


def env_example() -> str:
    """Every setting, commented out at its default, below the variables that have none."""
    lines = [
        "# Copy to .env what you want to set, then: set -a; . ./.env; set +a",
        "# Lines that stand in .env are never changed; a local run adds its address and its keys.",
        "",
    ]
    for row in table("docs/operations.md", OTHER_VARIABLES):
        lines += [
            f"# {plain(row[1])}",
            f"# {row[0].strip('`')}={SAMPLES.get(row[0].strip('`'), '')}",
        ]
    lines += ["", "# Settings, each at its default. Durations in seconds, sizes in bytes."]
    for one in dataclasses.fields(Settings):
        default = ",".join(one.default) if isinstance(one.default, tuple) else shown(one.default)
        lines += [f"# {plain(one.metadata['meaning'])}", f"# {one.metadata['variable']}={default}"]
    return "\n".join(lines) + "\n"


SAMPLES = {
    "DATABASE_URL": EXAMPLE,
    "SUPABASE_DB_URL": "postgresql://postgres.project:password@region.pooler.supabase.com:6543/postgres",
    "KOTADB_HOME": ".kotadb",
    "KOTADB_PORT": "8787",
    "KOTADB_ENV_FILE": ".env",
    "KOTADB_URL": "http://127.0.0.1:8787",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
ASSIGNMENT = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)


def plain(markdown: str) -> str:
    return markdown.replace("`", "")


@pytest.mark.proves("D1")
def test_the_sample_of_an_environment_is_complete(pytestconfig):
    file = ROOT / ".env.example"
    if pytestconfig.getoption("--update-docs"):
        file.write_text(env_example(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == env_example()


@pytest.mark.proves("D1", "Q8")
def test_the_sample_sets_nothing_and_its_settings_are_the_defaults():
    sample = text(".env.example")
    assert dotenv.read(ROOT / ".env.example") == {}
    uncommented = dict(ASSIGNMENT.findall(sample))
    assert Settings.from_environment(uncommented) == Settings()
    assert Target.from_environment(uncommented).port == 5434
    assert Target.parse(uncommented["SUPABASE_DB_URL"]).port == 6543


def test_operations_shows_the_time_outs_of_the_logins(documented):
    rows = [
        f"| `{role}` | {' | '.join(dataclasses.astuple(limits))} |\n"
        for role, limits in ROLE_LIMITS.items()
    ]
    shall_be = (
        "| member of | `statement_timeout` | `lock_timeout` "
        "| `idle_in_transaction_session_timeout` |\n|---|---|---|---|\n" + "".join(rows)
    )
    assert documented("docs/operations.md", "logins", shall_be=shall_be) == shall_be


def test_operations_has_one_table_of_all_actions(documented):
    rows = [
        f"| `{action.name}` | {', '.join(f'`{name}`' for name in action.wish.model_fields)} | "
        f"{(action.perform.__doc__ or '').splitlines()[0]} |\n"
        for action in CATALOGUE.values()
    ]
    shall_be = "| action | fields | does |\n|---|---|---|\n" + "".join(rows)
    assert documented("docs/operations.md", "actions", shall_be=shall_be) == shall_be


def variables_read(source: str) -> set[str]:
    """Names that a module looks up in an environment by a literal."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            looked_up, place = node.args[:1], node.func.value
            if node.func.attr != "get":
                continue
        elif isinstance(node, ast.Subscript):
            looked_up, place = [node.slice], node.value
        else:
            continue
        if ast.unparse(place).endswith(("environ", "environment")):
            found |= {one.value for one in looked_up if isinstance(one, ast.Constant)}
    return found


def test_every_variable_that_the_code_reads_is_documented():
    settings = {one.metadata["variable"] for one in dataclasses.fields(Settings)}
    explained = {row[0].strip("`") for row in table("docs/operations.md", OTHER_VARIABLES)}
    read = set().union(*(variables_read(file.read_text(encoding="utf-8")) for file in modules()))
    assert {"POWERTOOLS_SERVICE_NAME", "DATABASE_URL"} <= read
    undocumented = read - settings - explained
    assert {name for name in undocumented if not FOREIGN_VARIABLES.fullmatch(name)} == set()


def test_no_variable_is_explained_twice():
    settings = {one.metadata["variable"] for one in dataclasses.fields(Settings)}
    explained = [row[0].strip("`") for row in table("docs/operations.md", OTHER_VARIABLES)]
    assert sorted(settings & set(explained)) == []
    assert len(explained) == len(set(explained))


@pytest.mark.proves("Q7")
def test_both_forms_of_the_connection_string_are_documented():
    page = section("docs/operations.md", "Running it on one machine")
    assert "postgresql://postgres:postgres@localhost:5434/postgres" in page
    assert re.search(r"postgresql://\S+@\S+\.pooler\.\S+:6543/postgres", page)


@pytest.mark.proves("D3")
def test_changing_every_secret_and_stopping_are_documented():
    for secret, told in {
        "A database password": "DROP ROLE",
        "An API key": "/keys/rotate",
        "The admin key": "put-secret-value",
        "The pepper": "`new old`",
        "The private key of the GitHub App": "delete the",
        "The secret of webhooks": "two values",
    }.items():
        assert told in section("docs/security.md", secret)
    assert "5 minutes" in section("docs/security.md", "How each secret is changed")
    assert "security.md" in section("docs/operations.md", "Changing passwords and keys")
    stopping = section("docs/operations.md", "Stopping")
    assert "`DRAIN_SECONDS`" in stopping
    assert "`LEASE_SECONDS`" in stopping


def drawn(document: str, heading: str) -> set[tuple[str, str]]:
    return set(
        re.findall(r"^ +([\w*\[\]]+) --> (\w+|\[\*\])", section(document, heading), re.MULTILINE)
    )


@pytest.mark.proves("J4", "J9")
def test_the_drawing_of_the_jobs_states_is_what_the_database_allows():
    migrations = "\n".join(one.text for one in known_migrations())
    bodies = re.findall(
        r"CREATE (?:OR REPLACE )?FUNCTION kotadb\.check_job_transition\(\).*?\$\$;",
        migrations,
        re.DOTALL,
    )
    allowed = set(re.findall(r"\('(\w+)', '(\w+)'\)", bodies[-1]))
    assert drawn("docs/queue.md", "The states of a job") == allowed | {("[*]", "pending")}


def test_every_status_is_explained():
    statuses = {row[0].strip("`") for row in table("docs/queue.md", "The states of a job")}
    assert statuses == {to for _, to in drawn("docs/queue.md", "The states of a job")}


def test_every_function_of_the_queue_is_explained():
    schema = (ROOT / "sql" / "schema.sql").read_text()
    made = set(re.findall(r"CREATE FUNCTION kotadb_queue\.(\w+)", schema))
    explained = [row[0].strip("`") for row in table("docs/queue.md", "Functions of the schema")]
    assert set(explained) == made
    assert len(explained) == len(made)


@pytest.mark.proves("D1")
def test_the_deployment_page_shows_every_parameter_with_its_default():
    documented = {row[0].strip("`"): row[1] for row in table("docs/deployment.md", "Parameters")}
    defaults = {
        name: ("empty" if parameter["Default"] == "" else str(parameter["Default"]))
        if "Default" in parameter
        else ""
        for name, parameter in template()["Parameters"].items()
    }
    assert documented == defaults


def test_every_room_of_the_layer_is_explained():
    explained = {row[0].strip("`") for row in table("docs/architecture.md", "Who may import whom")}
    (layer,) = [folder for folder in SOURCES if folder.name == "indexer"]
    rooms = {
        folder.name for folder in layer.iterdir() if any(folder.glob("*.py")) and folder.is_dir()
    }
    assert explained == rooms


def test_the_drawing_of_imports_has_the_floors_of_the_contract():
    (contract,) = [
        one for one in pyproject()["tool"]["importlinter"]["contracts"] if "containers" in one
    ]
    names = {name.strip() for floor in contract["layers"] for name in floor.split("|")}
    drawing = section("docs/architecture.md", "Who may import whom").split("```")[1]
    assert names <= set(re.findall(r"\w+", drawing))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
            assert anchor in anchors, f"{page}: {target}"


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page):
    tops = "requests|functions|layers|local|sql|tests|docs|events|examples|requirements|benchmarks"
    named = re.findall(rf"`((?:{tops})/[\w./-]+)`", text(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_that_a_page_names_exist(page):
    named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", text(page), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert named <= targets


def test_a_command_that_may_take_long_is_not_invoked_again_by_its_client():
    """The AWS CLI waits 60 seconds for an answer, and then sends the same once more."""
    commands = [
        command
        for page in PAGES
        for command in re.findall(
            r"^.*\baws lambda invoke (?:.*\\\n)*.*$", text(page), re.MULTILINE
        )
    ]
    long = [one for one in commands if "-worker:live" in one or "migrate" in one]
    assert len(long) >= 3
    for command in long:
        waits = "AWS_MAX_ATTEMPTS=1 " in command and "--cli-read-timeout 0 " in command
        assert waits or "--invocation-type Event " in command, command


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_no_path_of_a_machine(page):
    homes = [f"{Path.home()}/", "/home/", "/Users/", "/root/", f"{ROOT}/"]
    assert [home for home in homes if home in text(page)] == []

"""One repository however its name is spelled: forges ignore the case, file systems do not."""

import threading
from contextlib import closing

import pytest
from tests.fixtures.queue import SHA
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.errors import KotaError
from indexer.indexing.wish import index_request
from indexer.jobs.batches import JobBatches
from indexer.jobs.idempotency import fingerprint
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings

SPELLINGS = ("Ada/Engine", "ada/engine", "ADA/ENGINE")
PLACES = "SELECT clone_url, full_name, enqueue_generation FROM kotadb.repositories"
WRITTEN = [
    "Ada/Engine",
    "https://GitHub.com/Ada/Engine.git/",
    "/srv/Code/R1",
    "file:///srv/Code/Übung",
    "http://localhost:8080/Ada/Engine",
]


def test_another_spelling_of_a_name_is_the_same_repository_and_the_first_is_shown(bench):
    first, *others = [bench.enqueue(name) for name in SPELLINGS]
    for one in others:
        assert (one.repository_id, one.job_id) == (first.repository_id, first.job_id)
    (place,) = bench.scratch.sql(PLACES)
    assert tuple(place.values()) == ("https://github.com/Ada/Engine.git", "Ada/Engine", 3)


@pytest.mark.parametrize("url", ["/srv/{}", "http://127.0.0.1:8080/{}.git"])
def test_where_case_counts_another_spelling_is_another_repository(bench, url):
    made = {bench.enqueue(name, clone_url=url.format(name)).repository_id for name in SPELLINGS}
    assert len(made) == 3


def test_in_a_batch_too_a_repository_is_one_however_it_is_spelled(bench):
    incoming = JobBatches(bench.api, bench.settings)
    requests = [bench.request(name, ref=name.split("/")[0]) for name in SPELLINGS]
    made = incoming.enqueue([*requests, bench.request("ada/other")])
    assert len({one.repository_id for one in made[:3]}) == 1
    assert [one.deduplicated for one in made] == [False] * 4
    again = incoming.enqueue([bench.request("aDA/eNGINE", ref="ada"), requests[0]])
    assert [one.job_id for one in again] == [made[1].job_id, made[0].job_id]
    (place, _) = bench.scratch.sql(f"{PLACES} ORDER BY full_name")
    assert tuple(place.values()) == ("https://github.com/Ada/Engine.git", "Ada/Engine", 7)


def test_jobs_of_two_spellings_in_a_batch_are_as_new_as_their_places_in_it(bench):
    made = JobBatches(bench.api, bench.settings).enqueue(
        [bench.request(name, ref=str(number)) for number, name in enumerate(SPELLINGS)]
    )
    assert [bench.job(one.job_id)["generation"] for one in made] == [1, 2, 3]


def test_a_key_stands_for_a_repository_however_it_is_spelled(bench):
    queue = JobQueue(bench.api, bench.settings)
    first, again = (queue.enqueue_once(bench.request(name), key="k") for name in SPELLINGS[:2])
    assert (again.job_id, again.replayed) == (first.job_id, True)


def test_a_spelling_may_be_indexed_anew_once_the_repository_is_deleted(bench):
    first = bench.enqueue("Ada/Engine")
    bench.delete(first.repository_id)
    second = bench.enqueue("ada/engine")
    assert second.repository_id != first.repository_id
    assert bench.lease().full_name == "ada/engine"


def test_each_tenant_has_a_repository_of_its_own(bench, make_tenant):
    first = bench.enqueue("Ada/Engine")
    second = bench.enqueue("ada/engine", tenant_id=make_tenant("eve@example.com"))
    assert second.repository_id != first.repository_id


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_request_waits_for_one_that_spells_the_name_otherwise(bench, end):
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        made = other.execute(
            "SELECT repository_id FROM kotadb_queue.enqueue(%s, "
            "'https://github.com/Ada/Engine.git', 'Ada/Engine', '', %s, false, 'req-0', 3, 24)",
            (bench.tenant, SHA),
        ).fetchone()
        with meanwhile(
            bench.scratch, bench.scratch.api, lambda: bench.enqueue("ada/engine")
        ) as answers:
            assert answers == []
            other.execute(end)
    (place,) = bench.scratch.sql("SELECT repository_id, full_name FROM kotadb.repositories")
    assert answers[0].repository_id == place["repository_id"]
    assert (place["repository_id"] == made["repository_id"]) == (end == "COMMIT")
    assert place["full_name"] == ("Ada/Engine" if end == "COMMIT" else "ada/engine")


def test_requests_at_one_instant_make_one_repository_of_all_spellings(bench):
    """Two unique indexes hold of an address, and one of them decides; the other must not object."""
    rounds, crew, trouble = 60, 6, []
    barrier = threading.Barrier(crew)

    def ask(number):
        with closing(Database(bench.scratch.api, connect_seconds=10)) as database:
            for turn in range(rounds):
                name = f"ada/engine-{turn}"
                request = bench.request(name.upper() if number % 3 == 0 else name)
                barrier.wait(timeout=20)
                try:
                    if number % 2:
                        JobQueue(database, bench.settings).enqueue(request)
                    else:
                        JobBatches(database, bench.settings).enqueue([request])
                except KotaError as error:
                    trouble.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(crew)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert trouble == []
    assert len(bench.scratch.sql(PLACES)) == rounds
    assert bench.scratch.value("SELECT count(*) FROM kotadb.index_jobs") == rounds


@pytest.mark.parametrize("text", WRITTEN)
def test_the_database_and_the_service_agree_on_what_is_one_repository(bench, text):
    settings = Settings(allow_local_repositories=True, allowed_hosts=("github.com", "localhost"))

    def wish(written):
        return index_request(
            settings, tenant_id=bench.tenant, repository=written, request_id="tests"
        )

    request, other = wish(text), wish(text.swapcase() if "://" not in text else text)
    for one in (request, other):
        told = bench.scratch.value("SELECT kotadb.repository_identity(%s)", one.clone_url)
        assert told == one.identity
    assert (fingerprint(request) == fingerprint(other)) == (request.identity == other.identity)

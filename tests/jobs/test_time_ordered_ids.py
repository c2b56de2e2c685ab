"""Ids of jobs and of queue rows are in the order of time: RFC 9562, version 7."""

from uuid import RFC_4122, UUID

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA

from indexer.errors import PermanentJobError
from indexer.jobs.batches import JobBatches

MANY = 2_000
LAST_62_BITS = (1 << 62) - 1


def milliseconds(id_: UUID) -> int:
    return id_.int >> 80


def now(scratch) -> int:
    return scratch.value("SELECT floor(extract(EPOCH FROM clock_timestamp()) * 1000)::bigint")


def is_version_7(id_: UUID) -> bool:
    return (id_.variant, id_.version) == (RFC_4122, 7)


def fail_for_good(bench, job_id: UUID) -> None:
    bench.queue.fail(bench.lease(), PermanentJobError("it cannot be fetched"))
    assert bench.status(job_id) == "failed"


def test_a_job_and_its_queue_row_are_named_by_the_time_they_were_made(bench):
    begun = now(bench.scratch)
    made = bench.enqueue()
    ended = now(bench.scratch)
    ids = (made.job_id, bench.live(made.job_id)["queue_job_id"])
    assert all(is_version_7(one) and begun <= milliseconds(one) <= ended for one in ids)
    assert ids[0] != ids[1]


def test_jobs_enqueued_one_after_the_other_are_in_the_order_of_their_ids(bench):
    made = [bench.enqueue(ref=ref).job_id for ref in "cabed"]
    rows = [bench.live(one)["queue_job_id"] for one in made]
    assert (made, rows) == (sorted(made), sorted(rows))


def test_the_jobs_of_a_batch_are_in_the_order_of_their_ids(bench):
    requests = [bench.request(ref=f"b{number}") for number in range(40)]
    made = [one.job_id for one in JobBatches(bench.api, bench.settings).enqueue(requests)]
    rows = [bench.live(one)["queue_job_id"] for one in made]
    assert (made, rows) == (sorted(made), sorted(rows))
    assert len({*made, *rows}) == 80
    assert all(map(is_version_7, (*made, *rows)))


def test_a_job_that_takes_the_place_of_another_comes_after_it(bench):
    old = bench.enqueue(commit_sha=SHA).job_id
    new = bench.enqueue(commit_sha=OTHER_SHA).job_id
    assert old < new


def test_the_new_queue_row_of_a_retried_job_comes_after_the_old_one(bench):
    made = bench.enqueue()
    before = bench.live(made.job_id)["queue_job_id"]
    fail_for_good(bench, made.job_id)
    bench.retry(made.job_id)
    after = bench.live(made.job_id)["queue_job_id"]
    assert is_version_7(after)
    assert before < after


def test_ids_of_one_millisecond_differ_and_stay_in_order(migrated_database):
    rows = migrated_database.sql(
        "SELECT (kotadb.time_ordered_ids(1))[1] AS id FROM generate_series(1, %s::integer)", MANY
    )
    ids = [row["id"] for row in rows]
    assert len({milliseconds(one) for one in ids}) < MANY  # so many share one
    assert len(set(ids)) == MANY
    assert ids == sorted(ids)
    assert all(map(is_version_7, ids))


@pytest.mark.parametrize("wanted", [0, 1, MANY])
def test_as_many_ids_are_made_as_were_wanted_in_their_order(migrated_database, wanted):
    ids = migrated_database.value("SELECT kotadb.time_ordered_ids(%s)", wanted)
    assert ids == sorted(set(ids))
    assert len(ids) == wanted


def test_ids_of_two_draws_share_no_more_than_the_time(migrated_database):
    draws = [migrated_database.value("SELECT kotadb.time_ordered_ids(%s)", MANY) for _ in "ab"]
    first, second = ({one.int & LAST_62_BITS for one in ids} for ids in draws)
    assert first.isdisjoint(second)

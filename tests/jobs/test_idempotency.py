"""Requests that are sent twice under one key: one job, one answer."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.jobs.idempotency import (
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    fingerprint,
    parse_idempotency_key,
)
from indexer.jobs.queue import JobQueue


def once(bench, name="ada/engine", *, key="key-1", database=None, **wishes):
    queue = JobQueue(database or bench.api, bench.settings)
    return queue.enqueue_once(bench.request(name, **wishes), key=key)


def everything(scratch):
    """Every row there is, with the version of it that stands."""
    return {
        table: scratch.sql(f"SELECT xmin::text, ctid::text FROM {table} ORDER BY 2")
        for table in scratch.tables()
    }


def test_the_same_request_gets_the_first_answer_and_writes_nothing(bench):
    first = once(bench)
    before = everything(bench.scratch)
    again = once(bench, request_id="req-2")
    assert again == replace(first, replayed=True)
    assert everything(bench.scratch) == before


def test_the_first_answer_stands_also_when_the_job_has_ended(bench):
    bench.enqueue()
    first = once(bench)
    assert first.deduplicated
    bench.complete(bench.lease())
    assert once(bench) == replace(first, replayed=True)
    assert not bench.enqueue().deduplicated


@pytest.mark.parametrize(
    "other",
    [{"name": "ada/other"}, {"ref": "main"}, {"commit_sha": OTHER_SHA}, {"force": True}],
    ids=lambda one: next(iter(one)),
)
def test_another_request_under_the_key_is_refused_and_writes_nothing(bench, other):
    once(bench, commit_sha=SHA)
    before = everything(bench.scratch)
    with pytest.raises(IdempotencyKeyReused):
        once(bench, **{"commit_sha": SHA, **other})
    assert everything(bench.scratch) == before


def test_keys_are_each_tenants_own(bench, make_tenant):
    eve = make_tenant("eve@example.com")
    first = once(bench)
    theirs = once(bench, "eve/other", tenant_id=eve)
    assert theirs.job_id != first.job_id
    assert not theirs.replayed
    assert once(bench, "eve/other", tenant_id=eve).replayed


def test_a_key_is_forgotten_after_a_day_by_the_databases_clock(bench):
    first = once(bench)
    bench.complete(bench.lease())
    bench.scratch.pass_time(23 * 3_600)
    assert once(bench).replayed
    assert bench.sweep.everything().keys_forgotten == 0
    bench.scratch.pass_time(3_601)
    later = once(bench)
    assert (later.replayed, later.job_id != first.job_id) == (False, True)
    assert once(bench).job_id == later.job_id


def test_the_sweep_forgets_what_expired(bench):
    once(bench)
    once(bench, key="key-2")
    bench.scratch.pass_time(24 * 3_600 + 1)
    assert bench.sweep.everything().keys_forgotten == 2
    assert bench.scratch.value("SELECT count(*) FROM kotadb_queue.idempotency_keys") == 0


@pytest.mark.proves("J22")
def test_requests_at_one_instant_make_one_job_and_get_one_answer(bench):
    def ask(number):
        with closing(Database(bench.scratch.api, connect_seconds=10)) as database:
            return once(bench, database=database, request_id=f"req-{number}")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert sorted(one.replayed for one in answers) == [False] + [True] * 7
    assert {one.deduplicated for one in answers} == {False}
    assert {one.job_id for one in answers} == {
        bench.scratch.value("SELECT id FROM kotadb.index_jobs")
    }


@contextmanager
def first_request(bench):
    """An open transaction that has just answered a request for ada/engine under key-1."""
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        other.execute(
            "SELECT kotadb_queue.enqueue_once('key-1', %s, 24, %s, "
            "'https://github.com/ada/engine.git', 'ada/engine', '', NULL, false, 'req-0', 3, 24)",
            (fingerprint(bench.request()), bench.tenant),
        )
        yield other


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_request_waits_for_the_one_before_and_takes_its_place_if_that_is_undone(bench, end):
    with (
        first_request(bench) as other,
        meanwhile(bench.scratch, bench.scratch.api, lambda: once(bench)) as answers,
    ):
        assert answers == []
        other.execute(end)
    (made,) = answers
    assert (made.replayed, made.deduplicated) == (end == "COMMIT", False)
    assert bench.status(made.job_id) == "pending"
    assert bench.scratch.value("SELECT count(*) FROM kotadb.index_jobs") == 1


def test_another_request_at_the_same_instant_is_refused_and_makes_nothing(bench):
    def other_request():
        try:
            return once(bench, "ada/other")
        except IdempotencyKeyReused:
            return "refused"

    with (
        first_request(bench) as other,
        meanwhile(bench.scratch, bench.scratch.api, other_request) as answers,
    ):
        other.execute("COMMIT")
    assert answers == ["refused"]
    assert bench.scratch.value("SELECT count(*) FROM kotadb.repositories") == 1


def test_the_api_sees_the_keys_of_its_tenant_alone(bench, make_tenant):
    once(bench)

    def seen(principal):
        with bench.api.transaction(principal=principal) as statements:
            found = statements._driver.script("SELECT job_id FROM kotadb_queue.idempotency_keys")
            return len(found.rows)

    assert seen(bench.tenant) == 1
    assert seen(make_tenant("eve@example.com")) == 0
    assert seen(None) == 0


@pytest.mark.parametrize("key", ["a", "~" * 255, "8e03978e-40d5-43dd", '"quoted", and more'])
def test_a_key_is_any_printable_text(key):
    assert parse_idempotency_key(f" {key} ") == key


@pytest.mark.parametrize("key", ["", "  ", "x" * 256, "a\tb", "a\nb", "\x7f", "schlüssel", "\x00"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(IdempotencyKeyInvalid):
        parse_idempotency_key(key)


def test_a_fingerprint_is_of_what_a_request_means(bench):
    one = bench.request(ref="main", commit_sha=SHA)
    same = replace(one, request_id="another", tenant_id=one.tenant_id)
    assert fingerprint(one) == fingerprint(same)
    assert len(fingerprint(one)) == 32
    # A ref of this name is not the default branch.
    assert fingerprint(bench.request(ref=None)) != fingerprint(bench.request(ref="null"))

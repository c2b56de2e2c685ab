"""The queue's moves once more, over both drivers, by way of a transaction pooler.

The tests are those of the queue itself; only the connections are others.
"""

import shutil
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from tests.fixtures.queue import QueueBench
from tests.jobs import test_administration as administration
from tests.jobs import test_cancel as cancel
from tests.jobs import test_idempotency as idempotency
from tests.jobs import test_queue as queue
from tests.support.pooler import pgbouncer_before, pooler_before

from indexer.database.connection import Database

MOVES = (
    queue.test_an_enqueue_makes_repository_job_and_queue_row_that_name_each_other,
    queue.test_a_request_pinned_to_another_commit_takes_the_pending_jobs_place,
    queue.test_a_request_while_the_job_runs_waits_behind_it,
    queue.test_of_five_queued_jobs_three_are_processing,
    queue.test_progress_is_seen_while_the_job_runs_and_only_from_its_holder,
    queue.test_completing_stores_what_was_indexed,
    queue.test_a_transient_failure_waits_60_120_180_seconds_and_may_then_succeed,
    queue.test_a_permanent_failure_goes_to_the_dead_letters_at_once,
    queue.test_a_released_lease_uses_up_no_attempt_and_keeps_its_place,
    queue.test_a_worker_that_lost_its_lease_can_change_nothing,
    queue.test_a_job_that_kills_every_worker_ends_after_four_runs_without_any_handler,
    queue.test_an_expired_lease_gives_way_to_the_newer_job_and_the_sweep_goes_on,
    queue.test_a_job_not_finished_after_24_hours_fails_as_expired,
    queue.test_a_finished_row_is_archived_after_an_hour_and_the_archive_is_kept_a_week,
    cancel.test_a_running_job_ends_at_once_and_every_later_write_of_its_worker_is_refused,
    cancel.test_of_a_cancel_and_a_completion_at_one_instant_one_wins,
    administration.test_a_retried_job_really_runs_again_for_a_whole_new_round,
    administration.test_only_a_failed_job_is_retried,
    idempotency.test_the_same_request_gets_the_first_answer_and_writes_nothing,
)
globals().update({move.__name__: move for move in MOVES})

POOLERS = ["a session for each transaction", *(["PgBouncer"] if shutil.which("pgbouncer") else [])]


@contextmanager
def pooler_of(kind, *logins):
    if kind == "PgBouncer":
        with pgbouncer_before(*logins) as port:
            yield port
    else:
        with pooler_before(*logins) as pooler:
            yield pooler.port
            assert pooler.sessions > 0


@pytest.fixture(params=POOLERS)
def bench(request, migrated_database, driver, make_tenant):
    """A queue whose every connection leads to a pooler."""
    scratch = migrated_database
    logins = (scratch.api, scratch.worker, scratch.admin_role)
    with pooler_of(request.param, *logins) as port:
        api, worker, admin = (
            Database(replace(login, host="127.0.0.1", port=port), driver=driver) for login in logins
        )
        with closing(api), closing(worker), closing(admin):
            yield QueueBench(scratch, api, worker, make_tenant(), admin=admin)

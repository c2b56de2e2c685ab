"""The queue against a model of it: whatever order things happen in, both say the same.

KOTADB_MODEL_EXAMPLES sets how many histories are tried.
"""

import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.fixtures.database import TIMES
from tests.fixtures.queue import OTHER_SHA, SHA, STATS

from indexer.database.connection import Database
from indexer.errors import LeaseLost, PermanentJobError, TransientJobError
from indexer.jobs import records
from indexer.jobs.idempotency import IdempotencyKeyReused
from indexer.jobs.model import IndexRequest, Lease, Progress
from indexer.jobs.queue import JobQueue
from indexer.jobs.records import JobFinished, JobNotFound
from indexer.jobs.sweep import Sweep
from indexer.search import repositories
from indexer.search.repositories import RepositoryNotFound
from indexer.settings import Settings

EXAMPLES = int(os.environ.get("KOTADB_MODEL_EXAMPLES", "12"))
STEPS = 30
# No sum of these steps of time is one of the periods below, so that the seconds which the test
# itself takes never decide what is due.
STEPS_OF_TIME = (701, 1_301, 2_503, 3_701)
RULES = Settings(
    worker_team_size=2,
    lease_seconds=600.0,
    retry_delay=1_200,
    retry_delay_max=3_600,
    expire_in_hours=48,
    archive_completed_after=3_600,
)
BACKOFF = {1: 1_200, 2: 2_400, 3: 3_600}
FINISHED = ("completed", "failed", "skipped", "cancelled")
KEYS = ("key-1", "key-2")

requests = st.fixed_dictionaries(
    {
        # Mostly one ref of one repository: what is rare elsewhere happens there.
        "name": st.sampled_from(["ada/one", "ada/one", "ada/one", "ada/two"]),
        "ref": st.sampled_from([None, None, None, "main"]),
        "commit_sha": st.sampled_from([None, SHA, OTHER_SHA]),
        "force": st.sampled_from([False, False, True]),
    }
)


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


@dataclass
class ModelJob:
    """What the queue should hold of a job."""

    repository: object
    place: tuple[str, str | None]
    commit_sha: str | None
    force: bool
    generation: int
    run_at: tuple[int, int]
    expires_at: int
    status: str = "pending"
    state: str | None = "ready"
    leases: int = 0
    released: int = 0
    round: int = 1
    round_attempt: int = 0
    losses: int = 0
    token: object = None
    lease_ends: tuple[int, int] = (0, 0)
    finished_at: int = 0
    outcomes: list[str | None] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)

    @property
    def retry_count(self) -> int:
        return max(self.leases - self.released - 1, 0)


@dataclass(frozen=True)
class ModelAnswer:
    """What a key stands for."""

    wish: frozenset[tuple[str, object]]
    repository: object
    made: tuple[object, bool]
    expires_at: int


class QueueModel(RuleBasedStateMachine):
    """Rules do the same to the queue and to `jobs`; the invariants compare the two."""

    def __init__(self, scratch, tenant_of, api, worker, admin, looking):
        super().__init__()
        scratch.empty()
        self.looking = looking
        self.tenant = tenant_of()
        self.api, self.worker, self.admin = api, worker, admin
        self.queue = JobQueue(worker, RULES, jitter=lambda: 0.0)
        self.sweep = Sweep(worker, self.queue, RULES)
        self.now = 0
        self.happened = 0
        self.jobs: dict[object, ModelJob] = {}
        self.held: list[Lease] = []
        # Jobs of deleted repositories: nobody sees them, and the sweep removes them.
        self.gone: dict[object, ModelJob] = {}
        self.keys: dict[str, ModelAnswer] = {}
        # Every id that an answer gave out, by the repository that it was given for.
        self.told: dict[object, object] = {}

    # What may happen

    @rule(wish=requests)
    def enqueue(self, wish):
        self._enqueued(wish, JobQueue(self.api, RULES).enqueue(self._request(wish)))

    @rule(wish=requests, key=st.sampled_from(KEYS))
    def enqueue_under_a_key(self, wish, key):
        queue, request = JobQueue(self.api, RULES), self._request(wish)
        known, meant = self.keys.get(key), frozenset(wish.items())
        if known is None or known.expires_at <= self.now:
            made = queue.enqueue_once(request, key=key)
            assert not made.replayed
            self._enqueued(wish, made)
            self.keys[key] = ModelAnswer(
                wish=meant,
                repository=made.repository_id,
                made=(made.job_id, made.deduplicated),
                expires_at=self.now + RULES.idempotency_hours * 3_600,
            )
        elif known.wish == meant:
            made = queue.enqueue_once(request, key=key)
            assert made.replayed
            assert (made.job_id, made.deduplicated) == known.made
        else:
            with pytest.raises(IdempotencyKeyReused):
                queue.enqueue_once(request, key=key)

    def _enqueued(self, wish, made):
        place = (wish["name"], wish["ref"])
        self.told[made.job_id] = made.repository_id
        due, running = self._at(place, "ready", "waiting"), self._at(place, "leased")
        twin = due if due is not None else running if wish["commit_sha"] is not None else None
        if twin is not None and self._answers(self.jobs[twin], wish):
            assert (made.job_id, made.deduplicated) == (twin, True)
            return
        assert not made.deduplicated
        assert made.job_id not in self.jobs
        if due is not None:
            self._finish(self.jobs[due], "skipped")
        self.happened += 1
        self.jobs[made.job_id] = ModelJob(
            repository=made.repository_id,
            generation=self.happened,
            place=place,
            commit_sha=wish["commit_sha"],
            force=wish["force"],
            run_at=self._after(0),
            expires_at=self.now + RULES.expire_in_hours * 3_600,
            state="ready" if running is None else "waiting",
        )

    @rule(wish=requests)
    def a_second_enqueue(self, wish):
        # A rule that hypothesis leaves out of a history would leave it empty.
        self.enqueue(wish)

    @precondition(lambda self: self.jobs)
    @rule()
    def a_second_lease(self):
        self.lease()

    @precondition(lambda self: self.jobs)
    @rule()
    def lease(self):
        lease = self.queue.lease_next(worker="model")
        due = [
            (job.run_at, job_id)
            for job_id, job in self.jobs.items()
            if job.state == "ready" and job.run_at[0] <= self.now
        ]
        if not due or self._count("leased") >= RULES.worker_team_size:
            assert lease is None
            return
        assert lease is not None
        assert lease.job_id == min(due)[1]
        job = self.jobs[lease.job_id]
        job.status, job.state = "processing", "leased"
        job.leases += 1
        job.round_attempt += 1
        job.rounds.append(job.round)
        job.token, job.lease_ends = lease.lease_token, self._after(RULES.lease_seconds)
        job.outcomes.append(None)
        assert (lease.attempt, lease.round_attempt) == (job.leases, job.round_attempt)
        assert (lease.requested_commit, lease.force) == (job.commit_sha, job.force)
        self.held.append(lease)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def renew(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.renew(lease, Progress(files_done=1)),
            lambda job: setattr(job, "lease_ends", self._after(RULES.lease_seconds)),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def complete(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS),
            lambda job: self._end(job, "completed", "completed"),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def skip(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.skip(lease, code="x", message="x", ref=None, commit_sha=None),
            lambda job: self._end(job, "skipped", "skipped"),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data(), lasting=st.booleans())
    def fail(self, data, lasting):
        error = Lasting("no such branch") if lasting else Passing("no answer")
        self._by_holder(
            data,
            lambda lease: self.queue.fail(lease, error),
            lambda job: self._end_run(job, "failed", final=lasting),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data):
        self._by_holder(data, self.queue.release, lambda job: self._end_run(job, "released"))

    @precondition(lambda self: self.jobs)
    @rule(seconds=st.sampled_from(STEPS_OF_TIME))
    def time_passes(self, seconds):
        self._pass(seconds)

    @precondition(lambda self: self.jobs and self.happened % 4 == 0)
    @rule()
    def two_days_pass(self):
        self._pass(RULES.expire_in_hours * 3_600 + 700)

    @precondition(lambda self: self.jobs)
    @rule()
    def the_worker_sweeps(self):
        swept = self.sweep.recover()
        self._swept(swept)

    @precondition(lambda self: self.jobs)
    @rule()
    def the_schedule_sweeps(self):
        swept = self.sweep.everything()
        self._swept(swept)
        old = [
            job
            for job in self.jobs.values()
            if job.state == "finished"
            and job.finished_at + RULES.archive_completed_after <= self.now
        ]
        old_and_gone = [
            job
            for job in self.gone.values()
            if job.state == "finished"
            and job.finished_at + RULES.archive_completed_after <= self.now
        ]
        for job in old:
            job.state = "archived"
        assert swept.archived == len(old) + len(old_and_gone)
        assert swept.jobs_purged == len(self.gone)
        assert swept.repositories_purged == len({job.repository for job in self.gone.values()})
        self.gone = {}
        expired = {key for key, one in self.keys.items() if one.expires_at <= self.now}
        assert swept.keys_forgotten == len(expired)
        self.keys = {key: one for key, one in self.keys.items() if key not in expired}

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data):
        job_id = data.draw(st.sampled_from([*self.jobs, *self.gone]))
        job = self.jobs.get(job_id)

        def cancelled():
            return records.cancel(self.api, RULES, str(job_id), tenant_id=self.tenant)

        if job is None:
            with pytest.raises(JobNotFound):
                cancelled()
        elif job.status in FINISHED:
            with pytest.raises(JobFinished):
                cancelled()
        else:
            assert cancelled().status == "cancelled"
            self._cancelled(job)

    @precondition(lambda self: any(job.status == "failed" for job in self.jobs.values()))
    @rule(data=st.data())
    def an_operator_retries(self, data):
        failed = [key for key, job in self.jobs.items() if job.status == "failed"]
        job_id = data.draw(st.sampled_from([*failed, *failed, *self.jobs, *self.gone]))
        outcome = JobQueue(self.admin, RULES).retry(job_id)
        job = self.jobs.get(job_id)
        if job is None:
            assert outcome == "not_found"
            return
        if job.status != "failed":
            assert outcome == "not_failed"
            return
        if any(
            rival.place == job.place
            and rival.generation > job.generation
            and rival.status not in {"failed", "cancelled"}
            for rival in self.jobs.values()
        ):
            assert outcome == "superseded"
            return
        others = [self._at(job.place, "ready", "waiting"), self._at(job.place, "leased")]
        assert outcome == "requeued"
        if others[0] is not None:
            self._finish(self.jobs[others[0]], "skipped")
        job.status, job.state = "pending", "ready" if others[1] is None else "waiting"
        # Rounds without a run leave no trace.
        job.round = max(job.rounds, default=0) + 1
        job.round_attempt = job.losses = 0
        job.run_at = self._after(0)
        job.expires_at = self.now + RULES.expire_in_hours * 3_600

    @precondition(lambda self: self.jobs and self.happened % 3 == 0)
    @rule(name=st.sampled_from(["ada/one", "ada/two"]))
    def the_repository_is_deleted(self, name):
        going = {key: job for key, job in self.jobs.items() if job.place[0] == name}
        known = {job.repository for job in going.values()}
        assert len(known) <= 1
        for repository in known:
            repositories.delete(self.api, str(repository), tenant_id=self.tenant)
            with pytest.raises(RepositoryNotFound):
                repositories.delete(self.api, str(repository), tenant_id=self.tenant)
            self.keys = {key: one for key, one in self.keys.items() if one.repository != repository}
        for job in going.values():
            if job.status not in FINISHED:
                self._cancelled(job)
        self.jobs = {key: job for key, job in self.jobs.items() if key not in going}
        self.gone |= going

    # What must hold at any time

    @invariant()
    def the_jobs_are_as_the_model_has_them(self):
        rows = self.looking.execute(
            "SELECT jobs.id, jobs.status, jobs.retry_count, live.state, live.leases, "
            "live.released, live.round_attempt, "
            "array(SELECT outcome FROM kotadb.job_attempts AS one WHERE one.job_id = jobs.id "
            "ORDER BY attempt) AS outcomes, "
            "EXISTS(SELECT FROM kotadb_queue.archive AS old WHERE old.job_id = jobs.id) AS old "
            "FROM kotadb.index_jobs AS jobs LEFT JOIN kotadb_queue.live ON job_id = id"
        ).fetchall()
        every = self.jobs | self.gone
        assert {row["id"] for row in rows} == set(every)
        for row in rows:
            job = every[row["id"]]
            assert (row["status"], row["retry_count"]) == (job.status, job.retry_count)
            assert row["outcomes"] == job.outcomes
            assert row["old"] == (job.state == "archived")
            if job.state in {"archived", None}:
                assert row["state"] is None
            else:
                assert row["state"] == job.state
                assert (row["leases"], row["released"]) == (job.leases, job.released)
            if job.state in {"ready", "waiting", "leased"}:
                assert row["round_attempt"] == job.round_attempt

    @invariant()
    def one_job_of_a_ref_is_due_and_one_runs(self):
        rows = self.looking.execute(
            "SELECT repository_id, requested_ref, state FROM kotadb_queue.live "
            "WHERE state <> 'finished'"
        ).fetchall()
        seen = Counter(
            (row["repository_id"], row["requested_ref"], row["state"] == "leased") for row in rows
        )
        assert all(number == 1 for number in seen.values())
        assert sum(row["state"] == "leased" for row in rows) <= RULES.worker_team_size
        for row in rows:
            if row["state"] == "waiting":
                assert seen[row["repository_id"], row["requested_ref"], True] == 1

    @invariant()
    def what_failed_lies_in_the_dead_letters(self):
        (row,) = self.looking.execute(
            "SELECT array(SELECT job_id FROM kotadb_queue.dead_letters ORDER BY 1) = "
            "array(SELECT id FROM kotadb.index_jobs WHERE status = 'failed' ORDER BY 1) AS same"
        ).fetchall()
        assert row["same"]

    @invariant()
    def every_id_that_an_answer_gave_out_is_a_job_until_its_repository_is_deleted(self):
        rows = self.looking.execute(
            "SELECT repository_id FROM kotadb.repositories WHERE deleted_at IS NULL"
        ).fetchall()
        standing = {row["repository_id"] for row in rows}
        given_out = {job for job, repository in self.told.items() if repository in standing}
        assert given_out == set(self.jobs)

    @invariant()
    def nobody_sees_a_job_of_a_deleted_repository(self):
        page = records.page(self.api, tenant_id=self.tenant, limit=100)
        assert {job.id for job in page.items} == set(self.jobs)

    @invariant()
    def retries_are_counted_by_the_leases_and_a_round_has_its_bound(self):
        rows = self.looking.execute(
            "SELECT jobs.id FROM kotadb.index_jobs AS jobs "
            "LEFT JOIN kotadb.job_attempts AS one ON one.job_id = jobs.id "
            "GROUP BY jobs.id HAVING jobs.retry_count <> greatest("
            "count(attempt) - count(*) FILTER (WHERE outcome = 'released') - 1, 0)"
        ).fetchall()
        assert rows == []
        rounds = self.looking.execute(
            "SELECT count(*) AS runs FROM kotadb.job_attempts "
            "WHERE outcome IS DISTINCT FROM 'released' GROUP BY job_id, round"
        ).fetchall()
        assert all(row["runs"] <= RULES.max_runs for row in rounds)

    @invariant()
    def what_happened_to_a_job_happened_in_order(self):
        rows = self.looking.execute(
            "SELECT id FROM kotadb.index_jobs "
            "WHERE started_at < created_at OR completed_at < coalesce(started_at, created_at)"
        ).fetchall()
        assert rows == []

    @invariant()
    def whatever_is_unfinished_is_in_the_queue(self):
        for job in self.jobs.values():
            assert (job.status in FINISHED) == (job.state in {"finished", "archived", None})

    # The model's own moves

    def _request(self, wish):
        return IndexRequest(
            tenant_id=self.tenant,
            clone_url=f"https://github.com/{wish['name']}.git",
            full_name=wish["name"],
            ref=wish["ref"],
            commit_sha=wish["commit_sha"],
            force=wish["force"],
            request_id="req-1",
        )

    def _cancelled(self, job):
        if job.state == "leased":
            self._end(job, "cancelled", "cancelled")
        else:
            self._finish(job, "cancelled")

    def _answers(self, job, wish):
        return job.commit_sha == wish["commit_sha"] and (job.force or not wish["force"])

    def _at(self, place, *states):
        found = [
            key for key, job in self.jobs.items() if job.place == place and job.state in states
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def _count(self, state):
        return sum(job.state == state for job in self.jobs.values())

    def _after(self, seconds):
        """A time from now, and the order of what happens at one time."""
        self.happened += 1
        return self.now + int(seconds), self.happened

    def _by_holder(self, data, move, expected):
        lease = data.draw(st.sampled_from(self.held[:-4:-1]))
        job = self.jobs.get(lease.job_id)
        if job is not None and job.state == "leased" and job.token == lease.lease_token:
            move(lease)
            expected(job)
        else:
            with pytest.raises(LeaseLost):
                move(lease)

    def _finish(self, job, status):
        job.status, job.state, job.finished_at = status, "finished", self.now

    def _end(self, job, status, outcome):
        job.outcomes[-1] = outcome
        self._finish(job, status)
        waiting = self._at(job.place, "waiting")
        if waiting is not None:
            self.jobs[waiting].state = "ready"

    def _end_run(self, job, outcome, *, final=False):
        if outcome == "released":
            job.released += 1
        if self._at(job.place, "waiting") is not None:
            self._end(job, "skipped", outcome)
            return
        job.outcomes[-1] = outcome
        if final or (outcome != "released" and job.round_attempt >= RULES.max_runs):
            job.status, job.state = "failed", None
            return
        delay = BACKOFF[job.round_attempt] if outcome != "released" else 0
        if outcome == "lost":
            delay = delay if job.losses else 0
            job.losses += 1
        if outcome == "released":
            job.round_attempt -= 1
        else:
            job.run_at = self._after(delay)
        job.status, job.state = "pending", "ready"

    def _pass(self, seconds):
        for table, columns in TIMES.items():
            moved = ", ".join(f"{name} = {name} - %(by)s * interval '1 second'" for name in columns)
            self.looking.execute(f"UPDATE {table} SET {moved}", {"by": seconds})
        self.now += seconds

    def _swept(self, swept):
        lost = sorted(
            (job for job in self.jobs.values() if job.state == "leased"),
            key=lambda job: job.lease_ends,
        )
        lost = [job for job in lost if job.lease_ends[0] <= self.now]
        for job in lost:
            self._end_run(job, "lost")
        assert swept.leases_lost == len(lost)
        expired = [
            job
            for job in self.jobs.values()
            if job.state in {"ready", "waiting"} and job.expires_at <= self.now
        ]
        for job in expired:
            job.status, job.state = "failed", None
        assert swept.expired == len(expired)


@pytest.mark.proves("J9", "J10", "O9", "Q23", "W3")
def test_whatever_happens_the_queue_does_as_its_model(migrated_database, make_tenant):
    with (
        closing(Database(migrated_database.api)) as api,
        closing(Database(migrated_database.worker)) as worker,
        closing(Database(migrated_database.admin_role)) as admin,
        migrated_database.connection() as looking,
    ):
        run_state_machine_as_test(
            lambda: QueueModel(migrated_database, make_tenant, api, worker, admin, looking),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                # Making a history shorter takes minutes; a long hunt has them.
                phases=(Phase.generate, Phase.shrink) if EXAMPLES > 100 else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )

"""The queue against a model of it: whatever order things happen in, both say the same.

KOTADB_MODEL_EXAMPLES sets how many histories are tried, KOTADB_MODEL_STEPS how long each may be.
"""

import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import count

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
from tests.jobs.queue_model import DUE, FINISHED, RULES, ModelQueue

from indexer.database.connection import Database
from indexer.errors import LeaseLost, PermanentJobError, TransientJobError
from indexer.git.remote import Remote
from indexer.jobs import records
from indexer.jobs.commands import JobCommands
from indexer.jobs.idempotency import IdempotencyKeyReused
from indexer.jobs.model import Enqueued, IndexRequest, Lease, Progress
from indexer.jobs.queue import JobQueue
from indexer.jobs.records import JobFinished, JobNotFound
from indexer.jobs.sweep import Sweep
from indexer.search import repositories
from indexer.search.repositories import RepositoryNotFound
from indexer.webhooks.deliveries import Deliveries, Delivery, Outcome
from indexer.webhooks.events import Push, ToldRepository

EXAMPLES = int(os.environ.get("KOTADB_MODEL_EXAMPLES", "12"))
STEPS = int(os.environ.get("KOTADB_MODEL_STEPS", "30"))
# No sum of these steps of time is one of the periods below, so that the seconds which the test
# itself takes never decide what is due.
STEPS_OF_TIME = (701, 1_301, 2_503, 3_701)
KEYS = ("key-1", "key-2")
# What GitHub calls each repository.
REPOSITORIES = {"ada/one": 1, "ada/two": 2, "eve/one": 3}

requests = st.fixed_dictionaries(
    {
        # Mostly one ref of one repository: what is rare elsewhere happens there.
        "name": st.sampled_from(["ada/one", "ada/one", "ada/one", "ada/two", "eve/one"]),
        "ref": st.sampled_from([None, None, None, "main"]),
        "commit_sha": st.sampled_from([None, SHA, OTHER_SHA]),
        "force": st.sampled_from([False, False, True]),
    }
)


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


@dataclass(frozen=True)
class ModelAnswer:
    """What a key stands for."""

    wish: frozenset[tuple[str, object]]
    repository: object
    made: tuple[object, bool]
    expires_at: int


class QueueModel(RuleBasedStateMachine):
    """Rules do the same to the queue and to `model`; the invariants compare the two."""

    def __init__(self, scratch, tenant_of, api, worker, admin, looking):
        super().__init__()
        scratch.empty()
        self.looking = looking
        self.tenants = {name: tenant_of(f"{name}@example.com") for name in ("ada", "eve")}
        self.api, self.worker, self.admin = api, worker, admin
        # Each lease looks from the beginning: time that a test lets pass moves rows before a place.
        self.queue = JobQueue(worker, RULES, jitter=lambda: 0.0, clock=count(step=60).__next__)
        self.queue.obey_settings()
        self.sweep = Sweep(worker, self.queue, RULES)
        self.model = ModelQueue()
        self.held: list[Lease] = []
        self.keys: dict[object, ModelAnswer] = {}
        # Every id that an answer gave out, by the repository that it was given for.
        self.told: dict[object, object] = {}
        # Bodies that were delivered, and the head of each repository's branch with the job it made.
        self.delivered: set[bytes] = set()
        self.heads: dict[str, tuple[str, object]] = {}

    @property
    def jobs(self):
        return self.model.jobs

    def tenant(self, name):
        return self.tenants[name.split("/")[0]]

    # What may happen

    @rule(wish=requests)
    def enqueue(self, wish):
        self._enqueued(wish, JobQueue(self.api, RULES).enqueue(self._request(wish)))

    @rule(wish=requests, key=st.sampled_from(KEYS))
    def enqueue_under_a_key(self, wish, key):
        queue, request = JobQueue(self.api, RULES), self._request(wish)
        mine = (self.tenant(wish["name"]), key)
        known, meant = self.keys.get(mine), frozenset(wish.items())
        if known is None or known.expires_at <= self.model.now:
            made = queue.enqueue_once(request, key=key)
            assert not made.replayed
            self._enqueued(wish, made)
            self.keys[mine] = ModelAnswer(
                wish=meant,
                repository=made.repository_id,
                made=(made.job_id, made.deduplicated),
                expires_at=self.model.now + RULES.idempotency_hours * 3_600,
            )
        elif known.wish == meant:
            made = queue.enqueue_once(request, key=key)
            assert made.replayed
            assert (made.job_id, made.deduplicated) == known.made
        else:
            with pytest.raises(IdempotencyKeyReused):
                queue.enqueue_once(request, key=key)

    @rule(
        # As above: what is rare elsewhere happens to one branch of one repository.
        name=st.sampled_from(["ada/one", "ada/one", *REPOSITORIES]),
        sha=st.sampled_from([SHA, SHA, OTHER_SHA]),
        number=st.integers(0, 3),
    )
    def github_tells_of_a_push(self, name, sha, number):
        body = f"{name} {sha} {number}".encode()
        delivery = Delivery(
            delivery_id=body.decode().replace("/", "-").replace(" ", "-"),
            event="push",
            body=body,
            request_id="req-1",
        )
        received = Deliveries(self.api, RULES).receive(delivery, push_to(name, sha))
        if body in self.delivered:
            assert (received.outcome, received.job_ids) == (Outcome.DUPLICATE, ())
            return
        self.delivered.add(body)
        known = {job.repository for job in self.jobs.values() if job.place[0] == name}
        told, made_for = self.heads.get(name, ("", None))
        on_its_way = told == sha and self.jobs[made_for].status not in FINISHED
        if not known or on_its_way:
            assert received.job_ids == ()
            if on_its_way:
                self.model.renewed(self.jobs[made_for])
            return
        wish = {"name": name, "ref": None, "commit_sha": None, "force": False}
        due = self.model.at((name, None), *DUE)
        if due is not None and self._answers(self.jobs[due], wish):
            # It waits already, and will find the branch at this commit.
            assert received.job_ids == ()
            self.model.renewed(self.jobs[due])
            self.heads[name] = sha, due
            return
        (job_id,), (repository,) = received.job_ids, known
        self.heads[name] = sha, job_id
        self._enqueued(wish, Enqueued(job_id=job_id, repository_id=repository, deduplicated=False))

    @precondition(lambda self: self.heads)
    @rule(data=st.data())
    def github_tells_of_a_head_once_more(self, data):
        name = data.draw(st.sampled_from(sorted(self.heads)))
        self.github_tells_of_a_push(name, self.heads[name][0], 100 + len(self.delivered))

    def _enqueued(self, wish, made):
        place = (wish["name"], wish["ref"])
        self.told[made.job_id] = made.repository_id
        due, running = self.model.at(place, *DUE), self.model.at(place, "leased")
        twin = due if due is not None else running if wish["commit_sha"] is not None else None
        if twin is not None and self._answers(self.jobs[twin], wish):
            assert (made.job_id, made.deduplicated) == (twin, True)
            self.model.renewed(self.jobs[twin])
            return
        assert not made.deduplicated
        assert made.job_id not in self.jobs
        self.model.enqueued(wish, made.job_id, made.repository_id)

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
        if self.model.stopped_at is None:
            self.model.wake()
        self._leased(lease)

    def _leased(self, lease):
        expected = self.model.next()
        assert expected == (None if lease is None else lease.job_id)
        if lease is None:
            return
        job = self.jobs[lease.job_id]
        self.model.leased(job, lease.lease_token)
        assert (lease.attempt, lease.round_attempt) == (job.leases, job.round_attempt)
        assert (lease.requested_commit, lease.force) == (job.commit_sha, job.force)
        self.held.append(lease)

    @precondition(lambda self: self.jobs)
    @rule(job=st.data(), priority=st.sampled_from([-5, 0, 5]))
    def an_operator_prioritises(self, job, priority):
        job_id = job.draw(st.sampled_from([*self.jobs, *self.model.gone]))
        outcome = JobCommands(self.admin, RULES).prioritise(job_id, priority)
        if job_id in self.model.gone:
            assert outcome == "not_found"
        elif self.jobs[job_id].state not in DUE:
            assert outcome == "not_due"
        else:
            assert outcome == "prioritised"
            self.jobs[job_id].priority = priority
            self.model.admit(self.jobs[job_id].tenant)

    @precondition(lambda self: self.model.happened % 5 == 0)
    @rule()
    def an_operator_pauses_leasing(self):
        JobCommands(self.admin, RULES).pause()
        self.model.stop()

    @precondition(lambda self: self.model.stopped_at is not None)
    @rule()
    def an_operator_resumes_leasing(self):
        JobCommands(self.admin, RULES).resume()
        self.model.go()

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def renew(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.renew(lease, Progress(files_done=1)),
            lambda job: setattr(job, "lease_ends", self.model.after(RULES.lease_seconds)),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def complete(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS),
            lambda job: self.model.end(job, "completed", "completed"),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def skip(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.skip(lease, code="x", message="x", ref=None, commit_sha=None),
            lambda job: self.model.end(job, "skipped", "skipped"),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data(), lasting=st.booleans())
    def fail(self, data, lasting):
        error = Lasting("no such branch") if lasting else Passing("no answer")
        self._by_holder(
            data,
            lambda lease: self.queue.fail(lease, error),
            lambda job: self.model.end_run(job, "failed", final=lasting),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data):
        self._by_holder(data, self.queue.release, lambda job: self.model.end_run(job, "released"))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def snooze(self, data):
        self._by_holder(
            data,
            lambda lease: self.queue.release(lease, after_seconds=1_200),
            lambda job: self.model.end_run(job, "released", snooze=1_200),
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def complete_and_lease_the_next(self, data):
        leased = []
        self._by_holder(
            data,
            lambda lease: leased.append(
                self.queue.complete(
                    lease, ref="main", commit_sha=SHA, stats=STATS, next_for="model"
                )
            ),
            lambda job: self.model.end(job, "completed", "completed"),
        )
        if leased:
            self._leased(leased[0])

    @precondition(lambda self: self.jobs)
    @rule(seconds=st.sampled_from(STEPS_OF_TIME))
    def time_passes(self, seconds):
        self._pass(seconds)

    @precondition(lambda self: self.jobs and self.model.happened % 4 == 0)
    @rule()
    def two_days_pass(self):
        self._pass(RULES.expire_in_hours * 3_600 + 700)

    @precondition(lambda self: self.jobs)
    @rule()
    def the_worker_sweeps(self):
        self._swept(self.sweep.recover())

    @precondition(lambda self: self.jobs)
    @rule()
    def the_schedule_sweeps(self):
        swept = self.sweep.everything()
        self._swept(swept)
        # Whoever frees a place gives it away at once, so nothing is left for the sweep.
        assert swept.admitted == 0
        model = self.model
        limit = model.now - RULES.archive_completed_after
        old, old_and_gone = (
            [job for job in jobs.values() if job.state == "finished" and job.finished_at <= limit]
            for jobs in (model.jobs, model.gone)
        )
        for job in old:
            job.state = "archived"
        assert swept.archived == len(old) + len(old_and_gone)
        assert swept.jobs_purged == len(model.gone)
        assert swept.repositories_purged == len({job.repository for job in model.gone.values()})
        model.gone = {}
        expired = {key for key, one in self.keys.items() if one.expires_at <= model.now}
        assert swept.keys_forgotten == len(expired)
        self.keys = {key: one for key, one in self.keys.items() if key not in expired}

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data):
        job_id = data.draw(st.sampled_from([*self.jobs, *self.model.gone]))
        job = self.jobs.get(job_id)
        owner = (job or self.model.gone[job_id]).place[0]

        def cancelled():
            return records.cancel(self.api, RULES, str(job_id), tenant_id=self.tenant(owner))

        if job is None:
            with pytest.raises(JobNotFound):
                cancelled()
        elif job.status in FINISHED:
            with pytest.raises(JobFinished):
                cancelled()
        else:
            assert cancelled().status == "cancelled"
            self.model.cancelled(job)

    @precondition(lambda self: any(job.status == "failed" for job in self.jobs.values()))
    @rule(data=st.data(), priority=st.sampled_from([0, 10]))
    def an_operator_retries(self, data, priority):
        failed = [key for key, job in self.jobs.items() if job.status == "failed"]
        job_id = data.draw(st.sampled_from([*failed, *failed, *self.jobs, *self.model.gone]))
        outcome = JobCommands(self.admin, RULES).retry(job_id, priority=priority)
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
        assert outcome == "requeued"
        self.model.retried(job, priority)

    @precondition(lambda self: self.jobs and self.model.happened % 3 == 0)
    @rule(name=st.sampled_from(["ada/one", "ada/two", "eve/one"]))
    def the_repository_is_deleted(self, name):
        known = {job.repository for job in self.jobs.values() if job.place[0] == name}
        assert len(known) <= 1
        for repository in known:
            repositories.delete(self.api, str(repository), tenant_id=self.tenant(name))
            with pytest.raises(RepositoryNotFound):
                repositories.delete(self.api, str(repository), tenant_id=self.tenant(name))
            self.keys = {key: one for key, one in self.keys.items() if one.repository != repository}
        self.heads.pop(name, None)
        self.model.delete(name)

    # What must hold at any time

    @invariant()
    def the_jobs_are_as_the_model_has_them(self):
        rows = self.looking.execute(
            "SELECT jobs.id, jobs.status, jobs.retry_count, live.state, live.leases, "
            "live.released, live.round_attempt, live.priority, "
            "array(SELECT outcome FROM kotadb.job_attempts AS one WHERE one.job_id = jobs.id "
            "ORDER BY attempt) AS outcomes, "
            "EXISTS(SELECT FROM kotadb_queue.archive AS old WHERE old.job_id = jobs.id) AS old "
            "FROM kotadb.index_jobs AS jobs LEFT JOIN kotadb_queue.live ON job_id = id"
        ).fetchall()
        every = self.jobs | self.model.gone
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
            if job.state in {*DUE, "leased"}:
                assert (row["round_attempt"], row["priority"]) == (job.round_attempt, job.priority)

    @invariant()
    def one_job_of_a_ref_is_due_and_one_runs(self):
        rows = self.looking.execute(
            "SELECT repository_id, requested_ref, state = 'leased' AS runs FROM kotadb_queue.live "
            "WHERE state <> 'finished'"
        ).fetchall()
        assert all(number == 1 for number in Counter(tuple(row.values()) for row in rows).values())
        assert sum(row["runs"] for row in rows) <= RULES.worker_team_size

    @invariant()
    def a_tenant_has_its_share_and_nobody_waits_while_it_has_room(self):
        rows = self.looking.execute(
            "SELECT tenant_id, count(*) FILTER (WHERE state IN ('ready', 'leased')) AS admitted, "
            "count(*) FILTER (WHERE state = 'waiting' AND NOT EXISTS (SELECT FROM "
            "kotadb_queue.live AS twin WHERE twin.repository_id = live.repository_id AND "
            "twin.requested_ref = live.requested_ref AND twin.state = 'leased')) AS waiting "
            "FROM kotadb_queue.live GROUP BY tenant_id"
        ).fetchall()
        for row in rows:
            assert row["admitted"] <= RULES.tenant_cap
            assert row["admitted"] == RULES.tenant_cap or row["waiting"] == 0

    @invariant()
    def the_depth_that_is_kept_is_the_depth(self):
        (row,) = self.looking.execute(
            "SELECT (kotadb_queue.figures()).depth, (SELECT count(*) FROM kotadb_queue.live "
            "WHERE state IN ('ready', 'waiting', 'delayed')) AS counted"
        ).fetchall()
        assert row["depth"] == row["counted"]

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
        pages = [
            records.page(self.api, tenant_id=tenant, limit=100) for tenant in self.tenants.values()
        ]
        assert {job.id for page in pages for job in page.items} == set(self.jobs)

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
            tenant_id=self.tenant(wish["name"]),
            clone_url=f"https://github.com/{wish['name']}.git",
            full_name=wish["name"],
            ref=wish["ref"],
            commit_sha=wish["commit_sha"],
            force=wish["force"],
            request_id="req-1",
        )

    def _answers(self, job, wish):
        return job.commit_sha == wish["commit_sha"] and (job.force or not wish["force"])

    def _by_holder(self, data, move, expected):
        lease = data.draw(st.sampled_from(self.held[:-4:-1]))
        job = self.jobs.get(lease.job_id)
        if job is not None and job.state == "leased" and job.token == lease.lease_token:
            move(lease)
            expected(job)
        else:
            with pytest.raises(LeaseLost):
                move(lease)

    def _pass(self, seconds):
        for table, columns in TIMES.items():
            moved = ", ".join(f"{name} = {name} - %(by)s * interval '1 second'" for name in columns)
            self.looking.execute(f"UPDATE {table} SET {moved}", {"by": seconds})
        self.model.now += seconds

    def _swept(self, swept):
        assert (swept.leases_lost, swept.expired, swept.woken) == self.model.recovered()


def push_to(name, sha):
    address = f"https://github.com/{name}.git"
    return Push(
        repository=ToldRepository(
            github_id=REPOSITORIES[name],
            owner_id=1,
            remote=Remote.parse(address, allowed_hosts=RULES.allowed_hosts),
            private=False,
            default_branch="main",
        ),
        branch="main",
        commit_sha=sha,
    )


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
                # Making a history shorter takes minutes; a long hunt has them.
                phases=(Phase.generate, Phase.shrink) if EXAMPLES > 100 else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )

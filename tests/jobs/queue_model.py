"""What the queue should do, written down once more without a database."""

from dataclasses import dataclass, field

from indexer.settings import Settings

RULES = Settings(
    worker_team_size=3,
    tenant_team_size=2,
    lease_seconds=600.0,
    retry_delay=1_200,
    retry_delay_max=3_600,
    expire_in_hours=48,
    archive_completed_after=3_600,
)
BACKOFF = {1: 1_200, 2: 2_400, 3: 3_600}
DUE = ("ready", "waiting", "delayed")
FINISHED = ("completed", "failed", "skipped", "cancelled")


@dataclass
class ModelJob:
    """What the queue should hold of a job. `place` is its repository and its ref."""

    repository: object
    place: tuple[str, str | None]
    commit_sha: str | None
    force: bool
    generation: int
    run_at: tuple[int, int]
    expires_at: int
    status: str = "pending"
    state: str | None = "waiting"
    priority: int = 0
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

    @property
    def tenant(self) -> str:
        return self.place[0].split("/")[0]

    @property
    def turn(self) -> tuple[int, tuple[int, int]]:
        """The order in which jobs are leased."""
        return self.priority, self.run_at


class ModelQueue:
    """The jobs of all tenants, by id, and the time."""

    def __init__(self):
        self.now = 0
        self.happened = 0
        self.jobs: dict[object, ModelJob] = {}
        # Jobs of deleted repositories: nobody sees them, and the sweep removes them.
        self.gone: dict[object, ModelJob] = {}
        self.stopped_at: int | None = None
        self.stopped_for = 0

    @property
    def working_time(self) -> int:
        """The time by which jobs expire."""
        return (self.now if self.stopped_at is None else self.stopped_at) - self.stopped_for

    def after(self, seconds):
        """A time from now, and the order of what happens at one time."""
        self.happened += 1
        return self.now + int(seconds), self.happened

    def at(self, place, *states):
        """The job of a ref that is in one of these states."""
        found = [
            key for key, job in self.jobs.items() if job.place == place and job.state in states
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def within(self, *states):
        return [job for job in self.jobs.values() if job.state in states]

    # Coming in

    def enqueued(self, wish, job_id, repository):
        place = (wish["name"], wish["ref"])
        due = self.at(place, *DUE)
        inherited = 0
        if due is not None:
            inherited = min(self.jobs[due].priority, 0)
            self.finish(self.jobs[due], "skipped", admit=False)
        self.happened += 1
        self.jobs[job_id] = ModelJob(
            repository=repository,
            generation=self.happened,
            place=place,
            commit_sha=wish["commit_sha"],
            force=wish["force"],
            priority=inherited,
            run_at=self.after(0),
            expires_at=self.working_time + RULES.expire_in_hours * 3_600,
        )
        self._come_in(self.jobs[job_id])

    def renewed(self, job):
        job.expires_at = self.working_time + RULES.expire_in_hours * 3_600

    def retried(self, job, priority):
        due = self.at(job.place, *DUE)
        if due is not None:
            priority = min(priority, self.jobs[due].priority)
            self.finish(self.jobs[due], "skipped", admit=False)
        job.status, job.state, job.priority = "pending", "waiting", priority
        # Rounds without a run leave no trace.
        job.round = max(job.rounds, default=0) + 1
        job.round_attempt = job.losses = 0
        job.run_at = self.after(0)
        self.renewed(job)
        self._come_in(job)

    def _come_in(self, job):
        # What comes in takes the place that is free now, before older ones that wait for a ref.
        if self.at(job.place, "leased") is None and self._has_room(job.tenant):
            job.state = "ready"
        else:
            self.admit(job.tenant)

    # Admission

    def _has_room(self, tenant):
        taken = [job for job in self.within("ready", "leased") if job.tenant == tenant]
        return len(taken) < RULES.tenant_cap

    def admit(self, tenant):
        while True:
            waiting = [
                job
                for job in self.within("waiting")
                if job.tenant == tenant and self.at(job.place, "leased") is None
            ]
            if not waiting:
                return
            best = min(waiting, key=lambda job: job.turn)
            if not self._has_room(tenant):
                ready = [job for job in self.within("ready") if job.tenant == tenant]
                last = max(ready, key=lambda job: job.turn, default=None)
                if last is None or last.priority <= best.priority:
                    return
                last.state = "waiting"
            best.state = "ready"

    def wake(self):
        """Wake what is due; how many."""
        woken = [job for job in self.within("delayed") if job.run_at[0] <= self.now]
        for job in woken:
            job.state = "waiting"
        for tenant in {job.tenant for job in woken}:
            self.admit(tenant)
        return len(woken)

    # Leases

    def next(self):
        """The id of the job that a lease gets now, or None."""
        if self.stopped_at is not None or len(self.within("leased")) >= RULES.worker_team_size:
            return None
        ready = [(job.turn, key) for key, job in self.jobs.items() if job.state == "ready"]
        return min(ready)[1] if ready else None

    def leased(self, job, token):
        job.status, job.state = "processing", "leased"
        job.leases += 1
        job.round_attempt += 1
        job.rounds.append(job.round)
        job.token, job.lease_ends = token, self.after(RULES.lease_seconds)
        job.outcomes.append(None)

    def end(self, job, status, outcome):
        job.outcomes[-1] = outcome
        self.finish(job, status)

    def finish(self, job, status, *, admit=True):
        job.status, job.state, job.finished_at = status, "finished", self.now
        if admit:
            self.admit(job.tenant)

    def end_run(self, job, outcome, *, final=False, snooze=0):
        if outcome == "released":
            job.released += 1
        due = self.at(job.place, *DUE)
        if due is not None:
            # What takes the place of a job is as urgent as that was.
            self.jobs[due].priority = min(self.jobs[due].priority, job.priority)
            self.end(job, "skipped", outcome)
            return
        job.outcomes[-1] = outcome
        if final or (outcome != "released" and job.round_attempt >= RULES.max_runs):
            self._bury(job)
            return
        delay = BACKOFF[job.round_attempt] if outcome != "released" else snooze
        if outcome == "lost":
            delay = delay if job.losses else 0
            job.losses += 1
        if outcome == "released":
            job.round_attempt -= 1
        if outcome != "released" or delay:
            job.run_at = self.after(delay)
        job.status, job.state = "pending", "delayed" if delay else "ready"
        self.admit(job.tenant)

    def cancelled(self, job):
        if job.state == "leased":
            job.outcomes[-1] = "cancelled"
        self.finish(job, "cancelled")

    def delete(self, name):
        going = {key: job for key, job in self.jobs.items() if job.place[0] == name}
        for job in going.values():
            if job.status not in FINISHED:
                if job.state == "leased":
                    job.outcomes[-1] = "cancelled"
                self.finish(job, "cancelled", admit=False)
        self.jobs = {key: job for key, job in self.jobs.items() if key not in going}
        self.gone |= going
        self.admit(name.split("/")[0])

    def _bury(self, job):
        job.status, job.state = "failed", None
        self.admit(job.tenant)

    # Time

    def stop(self):
        self.stopped_at = self.now if self.stopped_at is None else self.stopped_at

    def go(self):
        if self.stopped_at is not None:
            self.stopped_for += self.now - self.stopped_at
        self.stopped_at = None

    def recovered(self):
        """What a sweep moves: leases lost, expired, woken."""
        lost = sorted(self.within("leased"), key=lambda job: job.lease_ends)
        lost = [job for job in lost if job.lease_ends[0] <= self.now]
        for job in lost:
            self.end_run(job, "lost")
        expired = [job for job in self.within(*DUE) if job.expires_at <= self.working_time]
        for job in sorted(expired, key=lambda job: job.expires_at):
            self._bury(job)
        return len(lost), len(expired), self.wake()

"""A worker in a process of its own: the product's loop, with other work than indexing.

The one argument is JSON: `url` and `driver` of the database, `settings`, the name of the `work`,
`skew`, by how many seconds this machine's clock is wrong, and whether to wait at a `barrier` before
the first lease. It says one JSON object a line, and where it waits, a line of input lets it go on.
"""

import datetime as dt
import json
import os
import signal
import sys
import time
from contextlib import closing

# The product logs to the standard output; what is said to the test goes by a way of its own.
SPEECH = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(word, **more):
    SPEECH.write(json.dumps({"word": word, **more}) + "\n")
    SPEECH.flush()


def wait():
    if not sys.stdin.readline():
        sys.exit("whoever started this process is gone")


def shift_clock(seconds):
    """Make every way to ask this machine for the date wrong; durations stay right."""
    real_time, real_datetime = time.time, dt.datetime

    class Shifted(real_datetime):
        @classmethod
        def now(cls, tz=None):
            return real_datetime.fromtimestamp(time.time(), tz)

    time.time = lambda: real_time() + seconds
    dt.datetime = Shifted


def works(settings):
    """What may be done with a job, by name."""
    from indexer.errors import TransientJobError
    from indexer.indexing.copy_rows import FileRow
    from indexer.indexing.store import IndexedCommit, store_indexed_data
    from indexer.jobs.model import Phase

    class Passing(TransientJobError):
        code = "remote_unavailable"

    def store(run, database, *, before_publishing=lambda: None):
        def stats():
            before_publishing()
            return {
                "files_indexed": 1,
                "symbols_extracted": 0,
                "references_found": 0,
                "dependencies_extracted": 0,
            }

        commit = IndexedCommit(
            ref="main",
            default_ref="main",
            commit_sha=run.lease.requested_commit or "c" * 40,
            files=[FileRow(0, "a.ts", "0" * 40, 1, 1, 0, None)],
            texts=[],
            symbols=[],
            references=[],
            dependencies=[],
            stats=stats,
        )
        run.report(Phase.STORE)
        store_indexed_data(database, settings, run.lease, commit)

    def hold(run, database):
        say("holds", job=str(run.lease.job_id))
        wait()
        run.check()
        store(run, database)

    def hold_the_store(run, database):
        def told():
            say("loaded", job=str(run.lease.job_id))
            wait()
            run.check()

        store(run, database, before_publishing=told)

    def hold_when_stored(run, database):
        store(run, database)
        say("stored", job=str(run.lease.job_id))
        wait()

    def fail(_run, _database):
        raise Passing("the remote did not answer")

    def die_of(number):
        return lambda _run, _database: os.kill(os.getpid(), number)

    return {
        "store": store,
        "fail": fail,
        "hold": hold,
        "hold the store": hold_the_store,
        "hold when stored": hold_when_stored,
        "leave": lambda _run, _database: os._exit(0),
        **{one.name: die_of(one) for one in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)},
    }


def main():
    given = json.loads(sys.argv[1])
    if given["skew"]:
        shift_clock(given["skew"])  # before anything of the product takes hold of the clock

    from indexer.database.connection import Database
    from indexer.database.target import Target
    from indexer.jobs.run import StopSignal
    from indexer.jobs.runner import Runner
    from indexer.settings import Settings

    target, settings = Target.parse(given["url"]), Settings(**given["settings"])
    stop = StopSignal(drain_seconds=settings.drain_seconds)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.request())
    with (
        closing(Database(target, driver=given["driver"])) as database,
        closing(Database(target, driver=given["driver"])) as heartbeats,
    ):
        runner = Runner(
            database=database,
            heartbeats=heartbeats,
            settings=settings,
            work=works(settings)[given["work"]],
            stop=stop,
        )
        if given["barrier"]:
            say("ready")
            wait()
        report = runner.run(worker=f"process {os.getpid()}", remaining_seconds=lambda: 3_600.0)
    say("over", outcomes=report.outcomes, leases_lost=report.leases_lost)


if __name__ == "__main__":
    main()

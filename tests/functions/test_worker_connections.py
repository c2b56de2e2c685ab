"""The two connections of a worker, as its function makes them."""

import threading
from contextlib import closing

import pytest
from tests.functions.gateway import url_of
from tests.support.proxy import Fault, proxy_before

from indexer.database.failures import DatabaseUnavailable
from worker_function.handler import make_worker


@pytest.mark.parametrize("fault", [Fault.LOSE_BEFORE, Fault.LOSE_AFTER])
def test_a_renewal_that_gets_no_answer_is_given_up_while_the_lease_still_lasts(
    migrated_database, fault
):
    heard = []

    def renew_twice():
        environment = {
            "DATABASE_URL": url_of(proxy.way_to(migrated_database.worker)),
            "LEASE_SECONDS": "3",
            "HEARTBEAT_SECONDS": "1",
        }
        with closing(make_worker(environment)) as worker:
            heartbeats = worker.connections[1]
            with pytest.raises(DatabaseUnavailable):
                heartbeats.fetch_one("database_answers")
            heard.append(heartbeats.fetch_one("database_answers"))

    with proxy_before(migrated_database.worker) as proxy:
        plan = proxy.plan(fault, lambda one: one.application == "kotadb-heartbeat")
        # In a thread, so that a worker without an end to its patience fails the test and not more.
        renewing = threading.Thread(target=renew_twice)
        renewing.start()
        renewing.join(timeout=20)
        assert plan.met.is_set()
        assert heard == [{"answer": 1}]
        proxy.heal()
    renewing.join(timeout=20)

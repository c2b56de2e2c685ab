"""The simulation beside what theory says, and each rule that theory does not know."""

from dataclasses import replace

import pytest
from benchmarks.scaling import deployed
from benchmarks.scaling.formulas import (
    chance_to_wait,
    mean_wait_constant,
    mean_wait_exponential,
    offered,
    servers,
)
from benchmarks.scaling.simulation import Simulation, Stack, percentile
from benchmarks.scaling.workload import DAY, Workload, constant, exponential, measured, on_lambda

from indexer.settings import Settings

# Nothing but arrivals and service takes time, as the formulas have it.
BARE = Stack(workers=1, settings=Settings(), tick=60.0, event_age=60.0, invocation=900.0)
ALIKE = {"spread": 0.0, "swing": 0.0, "failing": 0.0, "a_tenant": 1}


def run(workload, stack, *, seed=1, pushes=None):
    return Simulation(workload, stack, seed=seed).run(pushes)


def alike(*, arrivals, days, durations):
    repositories = 20_000
    return Workload(
        repositories=repositories,
        pushes_a_day=arrivals * DAY / repositories,
        seconds=days * DAY,
        durations=durations,
        **ALIKE,
    )


def at(*moments, durations=None, **workload):
    """Pushes at these moments, each (seconds, repository)."""
    given = {"repositories": 10, "seconds": 10_000.0, "failing": 0.0, **workload}
    return Workload(durations=durations or constant(10.0), **given), list(moments)


def mean(values):
    return sum(values) / len(values)


@pytest.mark.parametrize(("workers", "utilisation"), [(1, 0.6), (3, 0.8), (12, 0.8)])
def test_it_waits_as_the_formula_of_many_servers_says(workers, utilisation):
    seconds, jobs, seeds = 20.0, 15_000, range(1, 6)
    arrivals = utilisation * workers / seconds
    workload = alike(
        arrivals=arrivals, days=jobs / (arrivals * DAY), durations=exponential(seconds)
    )
    runs = [run(workload, replace(BARE, workers=workers), seed=seed) for seed in seeds]
    waits = [wait for told in runs for wait in told.waits]
    # A long queue decides much, and there are few of them: the waits of one run vary by a sixth.
    expected = mean_wait_exponential(arrivals=arrivals, seconds=seconds, servers=workers)
    assert mean(waits) == pytest.approx(expected, rel=0.1)
    load = offered(arrivals=arrivals, seconds=seconds)
    chance = chance_to_wait(offered_load=load, servers=workers)
    assert sum(wait > 0 for wait in waits) / len(waits) == pytest.approx(chance, rel=0.05)
    for told in runs:
        assert told.completed == told.jobs > 0.9 * jobs
        assert told.utilisation(workers) == pytest.approx(utilisation, rel=0.05)
        # Little's law holds in any queue: what waits is what comes times how long it waits.
        assert told.depth_mean * told.horizon == pytest.approx(sum(told.waits), rel=0.01)


def test_it_waits_as_the_formula_of_constant_service_says():
    arrivals, seconds = 0.08, 10.0
    told = run(alike(arrivals=arrivals, days=4, durations=constant(seconds)), BARE)
    expected = mean_wait_constant(arrivals=arrivals, seconds=seconds)
    assert expected == pytest.approx(20.0)
    assert mean(told.waits) == pytest.approx(expected, rel=0.1)


def test_the_formulas_give_what_the_tables_of_erlang_give():
    assert chance_to_wait(offered_load=0.5, servers=1) == pytest.approx(0.5)
    assert chance_to_wait(offered_load=2.0, servers=3) == pytest.approx(4 / 9)
    assert mean_wait_exponential(arrivals=2.0, seconds=1.0, servers=3) == pytest.approx(4 / 9)
    assert servers(arrivals=2.0, seconds=1.0, utilisation=0.7) == 3


def test_the_same_seed_gives_the_same_figures_and_another_gives_others():
    workload = Workload(repositories=200, durations=exponential(30.0), pushes_a_day=40)
    stack = replace(BARE, workers=2)
    first, again, other = (run(workload, stack, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.waits != other.waits


def test_the_busiest_hundredth_makes_more_than_a_third_of_the_pushes():
    workload = Workload(repositories=10_000, durations=constant(1.0))
    pushes = [repository for _, repository in workload.pushes(1)]
    busiest = sum(repository < 100 for repository in pushes) / len(pushes)
    assert len(pushes) == pytest.approx(50_000, rel=0.03)
    assert busiest == pytest.approx(0.37, abs=0.03)


def test_pushes_are_most_frequent_in_the_middle_of_a_day():
    workload = Workload(repositories=1_000, durations=constant(1.0))
    hours = [int(moment // 3_600) for moment, _ in workload.pushes(1)]
    assert hours.count(12) > 4 * hours.count(0)


def test_pushes_while_a_job_of_the_ref_waits_are_answered_by_it():
    workload, pushes = at((1.0, 0), (2.0, 0), (3.0, 0), (4.0, 0))
    told = run(workload, BARE, pushes=pushes)
    # The first runs from 1 to 11; the second waits behind it and answers for all the others.
    assert (told.pushes, told.jobs, told.completed) == (4, 2, 2)
    assert told.waits == [0.0, 9.0]
    assert told.answers == [10.0, 19.0, 18.0, 17.0]


def test_of_one_ref_two_jobs_never_run_at_one_time():
    workload, pushes = at((1.0, 0), (2.0, 0))
    told = run(workload, replace(BARE, workers=5), pushes=pushes)
    assert told.waits == [0.0, 9.0]


def test_a_tenant_has_no_more_than_its_share_of_the_workers():
    settings = Settings(tenant_team_size=1)
    workload, pushes = at((1.0, 0), (1.0, 1), (1.5, 5), a_tenant=5)
    told = run(workload, replace(BARE, workers=2, settings=settings), pushes=pushes)
    # The second repository of the first tenant waits, and the other tenant's does not.
    assert sorted(told.waits) == [0.0, 0.0, 10.0]


def test_a_run_that_fails_comes_back_after_the_backoff_of_the_settings_and_ends_as_failed():
    settings = Settings(retry_limit=2, retry_delay=100, retry_delay_max=200)
    workload, pushes = at((1.0, 0), failing=1.0)
    told = run(workload, replace(BARE, settings=settings), pushes=pushes)
    assert (told.retries, told.failed, told.completed) == (2, 1, 0)
    assert told.busy == 30.0


def test_what_nobody_hints_at_is_found_by_the_next_tick():
    never = 1e9
    workload, pushes = at((61.0, 0))
    told = run(workload, replace(BARE, hint=never), pushes=pushes)
    assert told.waits == [59.0]


def test_an_invocation_takes_no_job_that_it_might_not_finish_and_hints_the_next():
    settings = Settings()
    workload, pushes = at(*[(1.0, number) for number in range(10)], durations=constant(100.0))
    # 300 s, of which 60 are a reserve and 120 the least that a run must have.
    told = run(workload, replace(BARE, invocation=300.0), pushes=pushes)
    assert settings.invocation_reserve_seconds == 60.0
    assert told.completed == 10
    # Each takes one at its beginning and one after 100 s; the ticks between find no room.
    assert told.waits == [100.0 * number for number in range(10)]


def test_hints_that_nobody_had_room_for_are_dropped_when_they_are_too_old():
    workload, pushes = at((1.0, 0), (2.0, 1), durations=constant(100.0))
    told = run(workload, BARE, pushes=pushes)
    assert told.dropped >= 1
    assert told.completed == 2


def test_idle_ticks_cost_what_an_invocation_takes_and_the_first_of_an_environment_more():
    workload, pushes = at(seconds=600.0)
    told = run(workload, replace(BARE, warm=0.5, cold=2.0), pushes=pushes)
    assert told.invocations == 11
    assert told.billed == pytest.approx(11 * 0.5 + 2.0)


def test_a_percentile_is_a_value_that_so_many_do_not_exceed():
    assert percentile([], 99) == 0.0
    assert percentile([float(number) for number in range(100)], 95) == 95.0


def test_durations_are_those_of_the_published_tables_in_the_time_of_the_worker():
    figures = measured()
    assert len(figures.first) >= 10
    assert all(0 < share < 1 for share in figures.again)
    memory = deployed.memory_megabytes("WorkerFunction")
    assert on_lambda() == pytest.approx(2 / (memory / 1_769))


def test_connections_are_those_of_every_environment_that_the_template_allows():
    assert deployed.connections(api=20, worker=3, admin=2).total == 28

"""What docs/scaling.md and docs/cost.md say follows from template, settings and results."""

import re

import pytest
from benchmarks.scaling import cost, deployed, footprint, report
from benchmarks.scaling.pages import figure
from benchmarks.scaling.workload import measured
from tests.contract.project import section, table, template, text

from indexer.jobs.sweep import BATCH_SIZE, MOST_BATCHES
from indexer.settings import Settings

SCALING, COST = "docs/scaling.md", "docs/cost.md"
# All of them take some ten seconds. They are written together, so these tell when any is old.
CHECKED_CASES = [(100, (1, 3)), (1_000, (1, 3)), (10_000, (3,))]


@pytest.mark.parametrize(
    ("page", "name", "made"),
    [
        (SCALING, "needs", report.table_of_needs),
        (SCALING, "connections", report.table_of_connections),
        (COST, "thousand-jobs", cost.table_of_thousand_jobs),
        (COST, "months", cost.table_of_months),
        (COST, "choices", cost.table_of_choices),
    ],
)
def test_a_table_of_figures_is_what_its_formulas_give(documented, page, name, made):
    shall_be = made()
    assert documented(page, name, shall_be=shall_be) == shall_be


def test_the_table_of_the_simulation_is_what_it_gives(documented, pytestconfig):
    updates = pytestconfig.getoption("--update-docs")
    shall_be = report.table_of_the_simulation(report.CASES if updates else CHECKED_CASES)
    written = documented(SCALING, "simulation", shall_be=shall_be)
    assert set(shall_be.splitlines()) <= set(written.splitlines())
    shown = [
        tuple(int(figure(cell.strip())) for cell in line.split("|")[1:3])
        for line in written.splitlines()[2:]
    ]
    assert shown == [(size, workers) for size, numbers in report.CASES for workers in numbers]


def test_each_price_has_a_public_source_and_says_how_sure_it_is():
    rows = table(COST, "Prices")
    for _, dollars, unit, source, sure in rows:
        assert figure(dollars) > 0
        assert unit
        assert re.fullmatch(r"\[[^]]+\]\(https://(aws\.amazon|supabase)\.com/[^)]+\)", source)
        assert sure in {"yes", "likely", "no"}
    assert len({row[0] for row in rows}) == len(rows)


def test_every_part_of_the_template_that_is_billed_stands_on_a_bill():
    billed = {
        "AWS::Serverless::LayerVersion": None,  # its storage is free up to 75 GB
        "AWS::Serverless::HttpApi": "HTTP API",
        "AWS::Serverless::Function": "Worker, memory",
        "AWS::Logs::LogGroup": "Logs that are kept",
        "AWS::IAM::Role": None,
        "AWS::Lambda::EventInvokeConfig": None,
        "AWS::CloudFormation::CustomResource": None,  # one invocation of the admin at a deployment
        "AWS::CloudWatch::Alarm": "Alarms, by the metrics they read",
        "AWS::CloudWatch::Dashboard": "Dashboard",
    }
    lines = {line.what for line in cost.month(cost.sizes()[0]).lines}
    unconditional = {
        one["Type"] for one in template()["Resources"].values() if "Condition" not in one
    }
    assert unconditional <= set(billed)
    assert {line for line in billed.values() if line} <= lines


def test_a_bill_is_the_sum_of_amounts_and_prices():
    price = cost.prices()
    for size in cost.sizes():
        bill = cost.month(size)
        expected = sum(line.amount * price[line.price] for line in bill.lines)
        assert bill.total == pytest.approx(expected)
    small, *_, large = [cost.month(size).total for size in cost.sizes()]
    assert small < large


def test_the_page_tells_what_a_stack_costs_in_which_nothing_happens():
    small = cost.month(cost.sizes()[0])
    (told,) = re.findall(r"nothing happens costs (\d+) USD", text(COST))
    assert figure(told) == pytest.approx(cost.fixed(small), abs=0.5)


def test_a_thousand_jobs_cost_what_their_seconds_and_gigabytes_cost():
    """Worked out once more by hand, from the figures that the page names."""
    memory = template()["Parameters"]["WorkerMemoryMegabytes"]["Default"] / 1024
    figures = measured()
    seconds = (
        sum(figures.first) / len(figures.first) * sum(figures.again) / len(figures.again)
    ) * (2 / (memory * 1024 / 1_769)) + footprint.tick().seconds
    (worker,) = [one for one in cost.thousand_jobs().lines if one.what == "Worker, memory"]
    assert worker.dollars == pytest.approx(1_000 * seconds * memory * 0.0000133334)


def test_metrics_alarms_and_secrets_are_counted_as_they_are_billed():
    alarms = [
        one["Properties"]
        for one in template()["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]
    expressions = [one for one in alarms if "Metrics" in one]
    assert expressions
    assert cost.alarm_metrics() > len(alarms)
    assert cost.own_series() > 22
    assert cost.secrets() == sum("SecretArn" in name for name in template()["Parameters"])


def test_a_nat_gateway_is_billed_with_its_public_address():
    small = cost.sizes()[0]
    fetched = small.jobs * footprint.job().received / 1e9
    assert cost.with_nat(small) == pytest.approx(730 * (0.045 + 0.005) + fetched * 0.045)


def test_the_page_names_the_connections_of_the_defaults():
    defaults = [
        template()["Parameters"][f"{name}Concurrency"]["Default"]
        for name in ("Api", "Worker", "Admin")
    ]
    total = defaults[0] + 2 * defaults[1] + defaults[2]
    assert (
        deployed.connections(api=defaults[0], worker=defaults[1], admin=defaults[2]).total == total
    )
    assert re.search(rf"^\| \d+ \(default\) .* \| {total} \|$", text(SCALING), re.MULTILINE)


def test_what_is_left_for_the_stack_is_four_fifths():
    rows = table(SCALING, "Connections")
    servers = [row for row in rows if len(row) == 3 and figure_or_none(row[1])]
    assert len(servers) >= 11
    for server, allowed, left in servers:
        assert figure(left) <= 0.8 * figure(allowed), server


def figure_or_none(cell):
    try:
        return figure(cell)
    except ValueError:
        return None


def test_the_page_tells_how_much_the_api_answers():
    told = " ".join(section(SCALING, "The API").split())
    question = footprint.question().seconds
    (takes,) = re.findall(r"takes (\d+) ms in the function", told)
    (a_second,) = re.findall(r"default answer (\d+) a second", told)
    environments = template()["Parameters"]["ApiConcurrency"]["Default"]
    assert figure(takes) == pytest.approx(1_000 * question, abs=0.5)
    expected = environments * report.BUSY_ENOUGH / question
    assert figure(a_second) == pytest.approx(expected, rel=0.01)


def test_the_gateway_throttles_no_request_that_an_environment_could_answer():
    told = " ".join(section(SCALING, "The API").split())
    parameters = template()["Parameters"]
    most = parameters["ApiConcurrency"]["Default"] / footprint.question().seconds
    (rate, named) = re.findall(r"`ApiRequestsPerSecond`: (\d+), .*? the (\d+) a second", told)[0]
    assert figure(rate) == parameters["ApiRequestsPerSecond"]["Default"]
    assert figure(named) == pytest.approx(most, rel=0.01)
    assert most < figure(rate) < 2 * most
    assert parameters["ApiRequestBurst"]["Default"] >= parameters["ApiConcurrency"]["Default"]


def test_what_gives_way_first_is_told_with_the_limits_of_the_code():
    told = " ".join(section(SCALING, "What gives way first").split())
    kept, limit = Settings().job_keep_days, report.sweeps_a_day()
    assert f"{limit:,.0f} jobs a day" in told
    assert f"at most {MOST_BATCHES} batches of {BATCH_SIZE} rows" in told
    threshold = template()["Parameters"]["IndexJobsAlarmBytes"]["Default"]
    ringing = threshold / (kept * footprint.row_bytes()["index_jobs"])
    (named,) = re.findall(r"from ([\d,]+) jobs a day on", told)
    assert figure(named) == pytest.approx(ringing, rel=0.05)
    workers = template()["Parameters"]["WorkerConcurrency"]["Default"]
    most = workers / footprint.job().seconds * 86_400
    (rates,) = re.findall(
        r"rate of ([\d,]+) jobs .*? and ([\d,]+) are all .*? with (\S+) and (\S+)\.", told
    )
    shares = (report.BUSY_ENOUGH, 1.0, report.BUSY_ENOUGH / 1.8, 1 / 1.8)
    for rate, share in zip(rates, shares, strict=True):
        assert figure(rate) == pytest.approx(share * most, rel=0.05)
    (written,) = re.findall(r"\((\d+) MB of log for each", told)
    assert figure(written) == pytest.approx(footprint.job().wal / 1e6, rel=0.02)

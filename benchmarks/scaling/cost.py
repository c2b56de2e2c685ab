"""What the stack costs: amounts from the template and from what was measured, prices from a page.

Prices, sizes and assumptions are the tables of docs/cost.md, so who has others writes them there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from indexer.jobs.gauges import ROW_STATES
from indexer.jobs.model import JobStatus
from indexer.observability import Metric

from . import deployed, footprint
from .formulas import offered
from .pages import figure, table

PAGE = "docs/cost.md"
HOURS = 730.0
MONTH = HOURS * 3_600
DAYS = HOURS / 24
GIGABYTE, GIBIBYTE, AURORA_WRITE = 1e9, 2.0**30, 4_096
SECRETS_READ_SECONDS = 300
FREE_DISK_MEGABYTES = 512
LEAST_RDS_GIGABYTES = 20.0
OWN_SERIES = re.compile(r'\["KotaDB/\$\{AWS::StackName\}", "(\w+)", "(\w+)", "([^"]+)"')


def prices() -> dict[str, float]:
    """The price of each thing, in USD for its unit."""
    return {row["price"]: figure(row["USD"]) for row in table(PAGE, "Prices")}


def assumptions() -> dict[str, float]:
    """What can be neither measured here nor read from the template."""
    return {row["assumption"]: figure(row["value"]) for row in table(PAGE, "Assumptions")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One of the worked examples; `database` names the price of its instance."""

    name: str
    repositories: float
    pushes_a_day: float
    requests_a_day: float
    workers: float
    database: str

    @property
    def jobs(self) -> float:
        """Jobs in a month."""
        return self.repositories * self.pushes_a_day * DAYS

    @property
    def requests(self) -> float:
        """Requests to the API in a month, webhooks included."""
        return self.repositories * self.requests_a_day * DAYS + self.jobs


def sizes() -> list[Size]:
    """The columns of the table of sizes."""
    rows = {row["size"]: row for row in table(PAGE, "Sizes")}
    return [
        Size(
            name=name,
            repositories=figure(rows["repositories"][name]),
            pushes_a_day=figure(rows["pushes a day of a repository"][name]),
            requests_a_day=figure(rows["requests a day for a repository"][name]),
            workers=figure(rows["WorkerConcurrency"][name]),
            database=rows["database"][name],
        )
        for name in list(rows["repositories"])[1:]
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a bill."""

    what: str
    amount: float
    unit: str
    price: str
    dollars: float


class Bill:
    """Lines that are added up."""

    def __init__(self) -> None:
        self._prices = prices()
        self.lines: list[Line] = []

    def add(self, what: str, amount: float, unit: str, price: str) -> None:
        """So much of what has this price."""
        dollars = amount * self._prices[price]
        self.lines.append(Line(what=what, amount=amount, unit=unit, price=price, dollars=dollars))

    @property
    def total(self) -> float:
        """USD."""
        return sum(line.dollars for line in self.lines)


def gigabytes_of(function: str) -> float:
    """Memory in the gigabytes that Lambda bills."""
    return deployed.memory_megabytes(function) / 1024


def disk_gigabytes(function: str) -> float:
    """Ephemeral storage beyond what is free."""
    disk = deployed.function(function).get("EphemeralStorage", {"Size": FREE_DISK_MEGABYTES})
    return (int(disk["Size"]) - FREE_DISK_MEGABYTES) / 1024


def own_series() -> int:
    """Series of metrics that the stack writes, each one a custom metric."""
    body = json.dumps(deployed.template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    shown = set(OWN_SERIES.findall(body.replace('\\"', '"')))
    if {name for name, _, _ in shown} != set(Metric):
        raise ValueError("the dashboard does not show every metric")
    # The worker wakes the next one too, and a canary is judged by its version; neither is shown.
    told = shown | {
        (Metric.WORKER_WAKES_FAILED.value, "service", "worker"),
        (Metric.REQUESTS_FAILED.value, "version", "newest"),
    }
    for dimension, values in (("status", set(JobStatus)), ("state", set(ROW_STATES))):
        if {value for _, name, value in told if name == dimension} != values:
            raise ValueError(f"the dashboard does not show every {dimension}")
    return len(told)


def alarm_metrics() -> int:
    """Metrics that alarms look at: one with an expression is billed for each that it reads."""
    alarms = [
        one["Properties"]
        for one in deployed.template()["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return sum(
        sum("MetricStat" in metric for metric in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in alarms
    )


def secrets() -> int:
    """Secrets that the stack can be given, all of them."""
    return sum(name.endswith("SecretArn") for name in deployed.template()["Parameters"])


def ticks() -> dict[str, float]:
    """Invocations by the schedules in a month."""
    return {
        "tick": MONTH / deployed.period_seconds("WorkerFunction", "Tick"),
        "reconciliation": MONTH / deployed.period_seconds("WorkerFunction", "Reconciliation"),
        "sweep": MONTH / deployed.period_seconds("AdminFunction", "Sweep"),
    }


def thousand_jobs() -> Bill:
    """What comes on top with a thousand jobs, each after a push that GitHub tells of."""
    bill = Bill()
    _jobs(bill, 1_000)
    _requests(bill, 1_000, "webhooks")
    return bill


def month(size: Size) -> Bill:
    """A month with a database in the same region; none of it is free."""
    bill = Bill()
    _jobs(bill, size.jobs)
    _requests(bill, size.requests, "requests and webhooks")
    _idle(bill, size)
    bill.add("Database, instance", HOURS, "hours", size.database)
    room = max(LEAST_RDS_GIGABYTES, _stored(size) / GIGABYTE)
    bill.add("Database, storage", room, "GB", "rds_gp3_gb_month")
    return bill


def with_aurora(size: Size) -> dict[str, float]:
    """The database of a month as Aurora Serverless v2: USD by what is billed."""
    price = prices()
    written = size.jobs * footprint.job().wal_without_pages / AURORA_WRITE
    units = assumptions()["aurora_units"] * max(1.0, size.workers / 3)
    return {
        "capacity units": units * HOURS * price["aurora_acu_hour"],
        "storage": _stored(size) / GIGABYTE * price["aurora_gb_month"],
        "writes": written / 1e6 * price["aurora_io_million"],
    }


def with_nat(size: Size) -> float:
    """What a NAT gateway adds to a month: itself, its public address, and what is fetched."""
    price = prices()
    fetched = size.jobs * footprint.job().received / GIGABYTE
    return HOURS * (price["nat_hour"] + price["public_address_hour"]) + fetched * price["nat_gb"]


def far_database(size: Size) -> float:
    """What a database adds that is reached over the internet: all that jobs send to it."""
    sent = size.jobs * footprint.job().sent / GIGABYTE
    return sent * prices()["transfer_out_gb"]


def _stored(size: Size) -> float:
    """Bytes in the database, with room."""
    return size.repositories * footprint.job().stored * assumptions()["room_in_the_database"]


def fixed(bill: Bill) -> float:
    """USD of a month in which nothing happens, without the database."""
    idle = {"Metrics", "Alarms", "Dashboard", "Secrets", "Schedules", "Scheduler"}
    lines = [line for line in bill.lines if re.split(r"[ ,]", line.what)[0] in idle]
    return sum(line.dollars for line in lines)


def _jobs(bill: Bill, jobs: float) -> None:
    one, tick = footprint.job(), footprint.tick()
    seconds = jobs * (one.seconds + tick.seconds)
    memory, disk = gigabytes_of("WorkerFunction"), disk_gigabytes("WorkerFunction")
    bill.add("Worker, memory", seconds * memory, "GB s", "lambda_arm_gb_second")
    bill.add("Worker, ephemeral storage", seconds * disk, "GB s", "lambda_disk_gb_second")
    bill.add("Worker, invocations", jobs / 1e6, "million", "lambda_requests_million")
    logged = jobs * (one.log + assumptions()["platform_log_bytes"])
    bill.add("Logs of jobs", logged / GIBIBYTE, "GB", "logs_gb")


def _requests(bill: Bill, requests: float, what: str) -> None:
    one = footprint.question()
    memory = gigabytes_of("ApiFunction")
    bill.add("API, memory", requests * one.seconds * memory, "GB s", "lambda_arm_gb_second")
    bill.add(f"API, {what}", requests / 1e6, "million", "lambda_requests_million")
    bill.add("HTTP API", requests / 1e6, "million", "http_api_million")
    each = one.log + footprint.access_log() + assumptions()["platform_log_bytes"]
    bill.add("Logs of requests", requests * each / GIBIBYTE, "GB", "logs_gb")
    answered = requests * assumptions()["answer_bytes"]
    bill.add("Answers to the internet", answered / GIGABYTE, "GB", "transfer_out_gb")


def _idle(bill: Bill, size: Size) -> None:
    """What a month costs in which nothing happens."""
    often, tick, sweep = ticks(), footprint.tick(), footprint.sweep()
    worker = (often["tick"] + often["reconciliation"]) * tick.seconds
    admin = often["sweep"] * sweep.seconds
    memory = worker * gigabytes_of("WorkerFunction") + admin * gigabytes_of("AdminFunction")
    bill.add("Schedules, memory", memory, "GB s", "lambda_arm_gb_second")
    disk = worker * disk_gigabytes("WorkerFunction")
    bill.add("Schedules, ephemeral storage", disk, "GB s", "lambda_disk_gb_second")
    bill.add(
        "Schedules, invocations", sum(often.values()) / 1e6, "million", "lambda_requests_million"
    )
    bill.add("Scheduler", sum(often.values()) / 1e6, "million", "scheduler_million")
    each = assumptions()["platform_log_bytes"]
    logged = (often["tick"] + often["reconciliation"]) * (tick.log + each)
    logged += often["sweep"] * (sweep.log + each)
    bill.add("Logs of schedules", logged / GIBIBYTE, "GB", "logs_gb")
    bill.add("Logs that are kept", _kept(bill), "GB", "logs_kept_gb_month")
    bill.add("Metrics of its own", own_series(), "metrics", "metric_month")
    bill.add("Alarms, by the metrics they read", alarm_metrics(), "metrics", "alarm_metric_month")
    bill.add("Dashboard", 1, "dashboard", "dashboard_month")
    bill.add("Secrets", secrets(), "secrets", "secret_month")
    bill.add("Secrets, calls", _secret_reads(size) / 1e4, "10,000", "secret_calls_10000")


def _kept(bill: Bill) -> float:
    written = sum(line.amount for line in bill.lines if line.price == "logs_gb")
    return written * deployed.parameter("LogRetentionDays") / DAYS


def _secret_reads(size: Size) -> float:
    """Each environment that is at work reads its secrets anew every five minutes."""
    load = offered(arrivals=size.requests / MONTH, seconds=footprint.question().seconds)
    environments = {
        "ApiFunction": math.ceil(load),
        "WorkerFunction": size.workers,
        "AdminFunction": 1,
    }
    return sum(
        number * _secrets_of(function) * MONTH / SECRETS_READ_SECONDS
        for function, number in environments.items()
    )


def _secrets_of(function: str) -> int:
    variables = deployed.function(function)["Environment"]["Variables"]
    return sum(name.endswith("_SECRET_ARN") for name in variables)


# Tables of the page --------------------------------------------------------------------------


def shown(amount: float) -> str:
    """An amount with as many digits as say something: three, and all before the point."""
    digits = max(0, 2 - math.floor(math.log10(amount))) if amount else 0
    text = f"{amount:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table_of_thousand_jobs() -> str:
    """What a thousand jobs cost, line by line."""
    bill = thousand_jobs()
    rows = "".join(
        f"| {line.what} | {shown(line.amount)} {line.unit} | `{line.price}` "
        f"| {line.dollars:.4f} |\n"
        for line in bill.lines
    )
    return (
        "| what | amount | price | USD |\n|---|---|---|---|\n"
        f"{rows}| **together** | | | **{bill.total:.2f}** |\n"
    )


def table_of_months() -> str:
    """What a month costs, line by line, for each size."""
    bills = {size.name: month(size) for size in sizes()}
    lines = zip(*(bill.lines for bill in bills.values()), strict=True)
    rows = "".join(
        f"| {line[0].what} | "
        + " | ".join(f"{shown(one.amount)} {one.unit}" for one in line)
        + " | "
        + " | ".join(f"{one.dollars:,.2f}" for one in line)
        + " |\n"
        for line in lines
    )
    names = list(bills)
    return (
        f"| what | {' | '.join(names)} | {' | '.join(f'{name}, USD' for name in names)} |\n"
        f"|{'---|' * (1 + 2 * len(names))}\n{rows}"
        f"| **together** |{' |' * len(names)} "
        + " | ".join(f"**{bill.total:,.2f}**" for bill in bills.values())
        + " |\n"
        + "| without the database |"
        + f"{' |' * len(names)} "
        + " | ".join(f"{_without_database(bill):,.2f}" for bill in bills.values())
        + " |\n"
    )


def _without_database(bill: Bill) -> float:
    return sum(line.dollars for line in bill.lines if not line.what.startswith("Database"))


def table_of_choices() -> str:
    """What other choices add to a month, or cost instead."""
    choices: list[tuple[str, Callable[[Size], float]]] = [
        ("a NAT gateway, inside a VPC: on top", with_nat),
        ("a database reached over the internet: on top", far_database),
        *(
            (
                f"Aurora Serverless v2, {part}: instead",
                lambda size, part=part: with_aurora(size)[part],
            )
            for part in ("capacity units", "storage", "writes")
        ),
    ]
    rows = "".join(
        f"| {what} | {' | '.join(f'{costs(size):,.2f}' for size in sizes())} |\n"
        for what, costs in choices
    )
    names = " | ".join(f"{size.name}, USD" for size in sizes())
    return f"| choice | {names} |\n|{'---|' * (1 + len(sizes()))}\n{rows}"

"""The runbook: a section for each alarm, and nothing in it that there is not."""

import json
import re
from dataclasses import fields

import pytest
from tests.contract.project import (
    OTHER_VARIABLES,
    functions,
    resources,
    section,
    table,
    template,
    text,
)
from tests.contract.test_references import errors
from tests.contract.watched import alarms, resolved

from admin_function.actions.catalogue import CATALOGUE
from indexer.errors import KotaError
from indexer.jobs.endings import EndCode
from indexer.settings import Settings

PAGE = "docs/runbook.md"
ALARMS = sorted(alarms(template()))
PARTS = ("Means", "Look at", "Do", "Ends")
NAMED = re.compile(r"\bkotadb-prod-([a-z-]+)")


@pytest.mark.parametrize("alarm", ALARMS)
def test_the_runbook_tells_of_each_alarm_what_to_do(alarm):
    told = re.findall(r"^\*\*([\w ]+)\*\*:", section(PAGE, alarm), re.MULTILINE)
    assert tuple(told) == PARTS
    assert re.search(r"^```", section(PAGE, alarm), re.MULTILINE), "it names no command"


def test_the_runbook_has_no_section_of_an_alarm_that_is_gone():
    headings = re.findall(r"^## (\w+Alarm)$", text(PAGE), re.MULTILINE)
    assert sorted(headings) == ALARMS


def test_every_alarm_was_drilled():
    drilled = [row[0].strip("`") for row in table("docs/drills.md", "The alarms")]
    assert sorted(drilled) == ALARMS


def test_functions_logs_and_schedules_that_the_runbook_names_exist():
    names = [
        *(one["FunctionName"] for one in functions().values()),
        *(
            event["Properties"]["Name"]
            for one in functions().values()
            for event in one["Events"].values()
            if event["Type"] == "ScheduleV2"
        ),
    ]
    known = {resolved(template(), name).removeprefix("kotadb-tests-") for name in names}
    named = set(NAMED.findall(text(PAGE)))
    assert len(named) >= 3
    assert named <= known
    groups = {
        resolved(template(), one["LogGroupName"]).replace("-tests", "-prod")
        for one in resources("AWS::Logs::LogGroup").values()
    }
    assert set(re.findall(r"/aws/lambda/[\w-]+", text(PAGE))) <= groups


def test_lines_are_looked_for_in_the_form_that_they_have():
    """As JSON there is no line REPORT, and what Lambda ends itself is told by a status alone."""
    assert all(one["LoggingConfig"]["LogFormat"] == "JSON" for one in functions().values())
    patterns = re.findall(r"--filter-pattern '(.+?)'", text(PAGE))
    assert patterns
    assert [one for one in patterns if not re.fullmatch(r"\{ \$\..+ \}", one)] == []
    (of_the_worker,) = re.findall(r"--filter-pattern '(.+?)'", section(PAGE, "WorkerErrorsAlarm"))
    for status in ("error", "timeout"):
        assert f'$.record.status = "{status}"' in of_the_worker


def test_actions_that_the_runbook_names_exist():
    payloads = [json.loads(one) for one in re.findall(r"--payload '(\{.*?\})'", text(PAGE))]
    actions = {one["action"] for one in payloads if "action" in one}
    assert actions
    assert actions <= set(CATALOGUE)


def test_settings_and_parameters_that_the_runbook_names_exist():
    settings = {one.metadata["variable"] for one in fields(Settings)}
    others = {row[0].strip("`") for row in table("docs/operations.md", OTHER_VARIABLES)}
    variables = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", text(PAGE)))
    assert variables
    assert variables - settings - others == {"UPDATE_ROLLBACK_COMPLETE"}
    known = {*template()["Parameters"], *template()["Outputs"], *ALARMS}
    assert (
        set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", text(PAGE))) - {"OutOfMemory"} <= known
    )


def test_codes_that_the_runbook_names_exist():
    codes = set(re.findall(r"`([a-z]+_[a-z]+)`", text(PAGE)))
    fields_of_lines = {"source_address", "tenant_id", "error_code", "logs_query", "index_jobs"}
    known = {*errors(), *map(str, EndCode), KotaError.code}
    assert codes - fields_of_lines - {"jobs_forgotten"} <= known

"""What runs on one machine is bounded as what is deployed."""

from typing import Any

import pytest
from tests.contract.project import functions, template

from indexer.settings import Settings
from kotadb_local.environments import FunctionDefinition
from kotadb_local.service import ADMIN, API, WORKER, deployed_stack

PAIRS = [("ApiFunction", "api"), ("WorkerFunction", "worker"), ("AdminFunction", "admin")]


@pytest.fixture
def stack():
    urls = dict.fromkeys((API, WORKER, ADMIN), "postgresql://k:k@127.0.0.1/k")
    return deployed_stack(
        database_urls=urls, settings=Settings.from_environment({}), environment={}
    )


def valued(value: Any) -> Any:
    """A property's value; a parameter's is its default."""
    if isinstance(value, dict) and "Ref" in value:
        return template()["Parameters"][value["Ref"]]["Default"]
    return value


@pytest.mark.parametrize(("resource", "name"), PAIRS)
def test_a_local_function_is_bounded_as_the_deployed_one(stack, resource, name):
    deployed = functions()[resource]
    local: FunctionDefinition = getattr(stack, name)
    assert local.handler == deployed["Handler"]
    assert local.timeout == deployed["Timeout"]
    assert local.memory_mb == valued(deployed["MemorySize"])


@pytest.mark.parametrize("resource", ["WorkerFunction", "AdminFunction"])
def test_as_many_run_at_a_time_as_are_reserved(stack, resource):
    _condition, reserved, _else = functions()[resource]["ReservedConcurrentExecutions"]["Fn::If"]
    local: FunctionDefinition = getattr(stack, dict(PAIRS)[resource])
    assert local.concurrency == valued(reserved)


@pytest.mark.parametrize(("resource", "name"), PAIRS)
def test_a_local_function_is_set_up_as_the_deployed_one(stack, resource, name):
    """Metrics and log levels are of the deployment; what is not written out names a resource."""
    deployed = {
        variable: value
        for variable, value in functions()[resource]["Environment"]["Variables"].items()
        if isinstance(value, str)
        and variable not in {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
    }
    local: FunctionDefinition = getattr(stack, name)
    assert deployed["POWERTOOLS_SERVICE_NAME"] == name
    assert deployed.items() <= local.environment.items()

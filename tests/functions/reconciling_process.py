"""A worker in a process of its own that reconciles once, as its environment says, to be killed."""

from tests.functions.gateway import Invocation

from worker_function.handler import lambda_handler


class LongInvocation(Invocation):
    """An invocation at its beginning."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


if __name__ == "__main__":
    lambda_handler({"source": "reconcile"}, LongInvocation())

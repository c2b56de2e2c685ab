"""CloudFormation, as far as a resource of ours answers it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@dataclass
class CloudFormation:
    """What waits for the answer at a signed address."""

    answers: list[dict] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    status: int = 200
    address: str = ""

    def event(self, kind="Update", **properties):
        return {
            "RequestType": kind,
            "ResponseURL": f"{self.address}/signed?once",
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/kotadb-dev/1",
            "RequestId": "the-request",
            "LogicalResourceId": "Schema",
            "ResourceProperties": {"ServiceToken": "arn", **properties},
        }


@contextmanager
def listening() -> Iterator[CloudFormation]:
    told = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):
            told.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.types.append(self.headers["Content-Type"])
            self.send_response(told.status)
            self.end_headers()

        def log_message(self, *_words):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        told.address = f"http://127.0.0.1:{server.server_port}"
        yield told
        server.shutdown()
        thread.join()

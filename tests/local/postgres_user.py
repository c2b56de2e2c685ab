"""One user of an embedded Postgres: says where it is, stays until its input ends, then leaves."""

import json
import sys
from pathlib import Path

from kotadb_local.postgres import EmbeddedPostgres


def main() -> None:
    state_directory, root_directory, durable = sys.argv[1:]
    embedded = EmbeddedPostgres(
        Path(state_directory), durable=durable == "durable", root_directory=Path(root_directory)
    )
    with embedded.session() as server:
        sockets = server.socket_directory
        answer = {"url": server.url, "sockets": None if sockets is None else str(sockets)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write("left\n")


if __name__ == "__main__":
    main()

"""Starts AWS's own client of the Lambda runtime with the paths that a function has in Lambda.

Run as a file, by the Python that the functions are built for, which knows nothing of this project:
with the folder of the function's code, that of its layer, and its handler.
"""

import sys

CODE, LAYER, HANDLER = sys.argv[1:4]
sys.path[:0] = [CODE, f"{LAYER}/python"]

from awslambdaric.__main__ import main  # noqa: E402 - in Lambda, too, it is the function's that counts

main(["bootstrap", HANDLER])

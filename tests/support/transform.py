"""Prints the stack's template as CloudFormation gets it. Run by the Python of the SAM CLI.

The template is read from standard input; the argument is the values of parameters, as JSON. AWS is
not asked.
"""

import json
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    """The template names no policy by a short name, so none has to be looked up."""

    def load(self):
        return {}


template = yaml_parse(sys.stdin.read())
for resource in template["Resources"].values():
    for folder in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
        # Before it is transformed a template is packaged: its folders are uploaded.
        resource["Properties"][folder] = f"s3://packages/{resource['Properties'][folder]}"
json.dump(transform(template, json.loads(sys.argv[1]), NoPolicies()), sys.stdout)

"""From a checkout to a stack on AWS, and back: what to ask, what to show, what to run."""

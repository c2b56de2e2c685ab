"""What indexing costs: inputs, stages, rivals, and the one way in which all are measured."""

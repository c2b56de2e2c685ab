"""The queue and its rivals, one driver each, all of which know the same steps."""

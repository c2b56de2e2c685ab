"""The routes of the administration, one file for each topic. Each calls the action of its name."""

"""The arithmetic of size: what is deployed, what was measured, what many repositories come to."""

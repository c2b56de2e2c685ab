"""Graphs as pictures: a layout that depends on the graph alone, and what is written of it."""

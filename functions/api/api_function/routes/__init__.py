"""The routes, one module for each topic. A route reads, calls the layer once, and shapes."""

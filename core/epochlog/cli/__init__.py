"""The command line: one module a command, and the small parts that draw their output."""

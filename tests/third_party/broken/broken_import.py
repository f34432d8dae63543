"""A plugin that can't be imported."""

raise RuntimeError("this plugin was written for another century")

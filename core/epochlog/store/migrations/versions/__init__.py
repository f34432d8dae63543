"""The steps, one module each, named r<revision>_<what>.py."""

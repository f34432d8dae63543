"""``epochlog top``: what trains right now, live in the terminal."""

"""What the parts of epochlog say to one another: events, hooks, integrations; frozen and typed."""

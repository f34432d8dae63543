"""``epochlog demo``; the trainings themselves are the plain scripts in ``scripts/``."""

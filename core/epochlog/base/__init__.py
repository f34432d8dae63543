"""The ground floor: errors, settings, clock, ids, guard, values; knows nothing of runs."""

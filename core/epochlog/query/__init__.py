"""Reading: filters, runs, series, comparison, lineage; nothing here changes a run."""

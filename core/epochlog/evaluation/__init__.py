"""Evaluation: truth and predictions in, metrics and plots as numbers out; no model is touched."""

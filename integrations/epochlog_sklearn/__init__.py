"""scikit-learn: every fit, search and cross-validation becomes a run."""

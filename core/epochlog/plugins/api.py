"""THE door for integrations: everything they may use, in one place."""

from __future__ import annotations

from epochlog.base.guard import guard, guarded, warn_once
from epochlog.base.values import plain, type_name
from epochlog.contract.hookspecs import hookimpl
from epochlog.contract.integration import Integration, IntegrationOptions
from epochlog.contract.sink import StoreFlavor
from epochlog.contract.watchdog import Finding, Watchdog, Watched
from epochlog.evaluation.histograms import histogram
from epochlog.plugins.arrival import when_imported
from epochlog.plugins.budget import Budget
from epochlog.plugins.evaluating import evaluate, evaluate_clusters, log_evaluation
from epochlog.plugins.metric_names import metric_key, metric_name, split_name
from epochlog.plugins.patching import patch_function, patch_functions, patch_method, patched, undo
from epochlog.plugins.signatures import feature_specs, signature, spec, specs_of
from epochlog.plugins.silence import is_silenced, silencing
from epochlog.plugins.torchlike import (
    gradient_norm,
    learning_rates,
    loader_facts,
    log_histograms,
    log_loader_dataset,
    log_torch_weights,
    module_facts,
    module_summary,
    optimizer_params,
    scheduler_params,
)
from epochlog.recording.active import current_run, enter_run, leave_run, paused, pausing
from epochlog.recording.context import attach_context, export_context, sampling
from epochlog.recording.fits import FitScope, current_fit, open_fit
from epochlog.recording.listeners import (
    add_fitted_listener,
    add_run_listener,
    remove_run_listeners,
    tell_fitted,
)
from epochlog.recording.run import Run
from epochlog.recording.shared import named_id, open_shared

__all__ = [
    "Budget",
    "Finding",
    "FitScope",
    "Integration",
    "IntegrationOptions",
    "Run",
    "StoreFlavor",
    "Watchdog",
    "Watched",
    "add_fitted_listener",
    "add_run_listener",
    "attach_context",
    "current_fit",
    "current_run",
    "enter_run",
    "evaluate",
    "evaluate_clusters",
    "export_context",
    "feature_specs",
    "gradient_norm",
    "guard",
    "guarded",
    "histogram",
    "hookimpl",
    "is_silenced",
    "learning_rates",
    "leave_run",
    "loader_facts",
    "log_evaluation",
    "log_histograms",
    "log_loader_dataset",
    "log_torch_weights",
    "metric_key",
    "metric_name",
    "module_facts",
    "module_summary",
    "named_id",
    "open_fit",
    "open_shared",
    "optimizer_params",
    "patch_function",
    "patch_functions",
    "patch_method",
    "patched",
    "paused",
    "pausing",
    "plain",
    "remove_run_listeners",
    "sampling",
    "scheduler_params",
    "signature",
    "silencing",
    "spec",
    "specs_of",
    "split_name",
    "tell_fitted",
    "type_name",
    "undo",
    "warn_once",
    "when_imported",
]

"""Draw plots with matplotlib, without pyplot: no backend is chosen and no figure stays open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

from epochlog.base.errors import EpochlogError
from epochlog.evaluation.kinds import KINDS
from epochlog.query.drawing.palette import color_of, dash_of
from epochlog.query.optional import require

Named = Sequence[tuple[str, Mapping[str, Any]]]
"""(name of the run, data) of plots of one kind."""

CURVES_DRAWN = 3
FEATURES_DRAWN = 20
LABELS_WITH_NUMBERS = 15
_SHARES = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)


def draw(kind: str, plots: Named, title: str = "") -> Any:
    """Return a ``matplotlib.figure.Figure`` with plots of one kind, those of several runs overlaid.

    Kinds that can't be overlaid (confusion matrices, tables) are drawn side by side.

    Raises:
        EpochlogError: nothing is known of the kind, or matplotlib is not installed.
    """
    require("matplotlib")
    from matplotlib.figure import Figure

    if not plots:
        raise EpochlogError("there is no plot to draw")
    side_by_side = _SIDE_BY_SIDE.get(kind)
    if side_by_side is not None:
        figure = Figure(figsize=(1 + 4.2 * len(plots), 4.2), layout="constrained")
        all_axes = figure.subplots(1, len(plots), squeeze=False)[0]
        for place, (axes, (name, data)) in enumerate(zip(all_axes, plots, strict=True)):
            side_by_side(axes, data, place)
            axes.set_title(name, fontsize=10)
    else:
        overlay = _OVERLAID.get(kind, _draw_curves if kind in KINDS and KINDS[kind].x else None)
        if overlay is None:
            raise EpochlogError(
                f"a plot of kind {kind!r} can't be drawn; drawn are "
                f"{', '.join(sorted({*_OVERLAID, *_SIDE_BY_SIDE, *_lines()}))}"
            )
        figure = Figure(figsize=(6.4, 4.8), layout="constrained")
        axes = figure.subplots()
        overlay(axes, kind, plots)
        axes.grid(alpha=0.25)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=8)
    figure.suptitle(title or (KINDS[kind].title if kind in KINDS else kind), fontsize=11)
    return figure


def _lines() -> list[str]:
    return [name for name, kind in KINDS.items() if kind.x]


def _draw_curves(axes: Any, kind: str, plots: Named) -> None:
    """Draw lines: one colour for each run, one dash for each of its classes."""
    known = KINDS[kind]
    for place, (name, data) in enumerate(plots):
        curves = _chosen(data["curves"]) if known.curve else [data]
        for order, curve in enumerate(curves):
            several = len(curves) > 1 or not name
            label = ": ".join(
                [*([name] if name else []), *([str(curve.get("label", ""))] if several else [])]
            )
            x, y = (
                [_deviate(share) for share in curve[name]] if kind == "det" else curve[name]
                for name in (known.x, known.y)
            )
            axes.plot(
                x,
                y,
                color=color_of(place),
                linestyle=dash_of(order),
                linewidth=1.6,
                marker="o" if kind == "calibration" else None,
                markersize=4,
                label=label + _area(curve),
                drawstyle="steps-post" if kind == "precision_recall" else "default",
            )
    axes.set_xlabel(known.curve.get(known.x) or known.fields[known.x])
    axes.set_ylabel(known.curve.get(known.y) or known.fields[known.y])
    if kind in ("roc", "calibration", "gain"):
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="dashed", zorder=0)
    if kind in ("roc", "calibration", "gain", "precision_recall"):
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.05)
    if kind == "det":
        ticks, names = [_deviate(share) for share in _SHARES], [f"{each:g}" for each in _SHARES]
        axes.set_xticks(ticks, names)
        axes.set_yticks(ticks, names)


def _deviate(share: float) -> float:
    """Place a share as DET curves do: by normal deviates, which make straight lines of them."""
    return NormalDist().inv_cdf(min(max(share, 1e-3), 1 - 1e-3))


def _chosen(curves: Sequence[Any]) -> Sequence[Any]:
    """Return the curves to draw: all of a few, else the common one and the first classes."""
    if len(curves) <= CURVES_DRAWN:
        return curves
    micro = [curve for curve in curves if curve["label"] == "micro"]
    return [*micro, *(curve for curve in curves if curve["label"] != "micro")][:CURVES_DRAWN]


def _area(curve: Mapping[str, Any]) -> str:
    for name, word in (("auc", "AUC"), ("average_precision", "AP"), ("ece", "ECE")):
        if curve.get(name) is not None:
            return f" ({word} {curve[name]:.3f})"
    return ""


def _draw_threshold(axes: Any, kind: str, plots: Named) -> None:
    del kind
    for place, (name, data) in enumerate(plots):
        for order, column in enumerate(("f1", "precision", "recall")):
            axes.plot(
                data["thresholds"],
                data[column],
                color=color_of(place),
                linestyle=dash_of(order),
                label=f"{name}: {column}",
            )
    axes.set_xlabel("threshold")


def _draw_residuals(axes: Any, kind: str, plots: Named) -> None:
    del kind
    for place, (name, data) in enumerate(plots):
        axes.scatter(
            data["predicted"], data["residual"], s=9, alpha=0.5, color=color_of(place), label=name
        )
    axes.axhline(0, color="0.6", linewidth=1)
    axes.set_xlabel("predicted")
    axes.set_ylabel("truth − predicted")


def _draw_bins(axes: Any, kind: str, plots: Named) -> None:
    del kind
    for place, (name, data) in enumerate(plots):
        if data["counts"]:
            axes.stairs(
                data["counts"], data["edges"], color=color_of(place), fill=len(plots) == 1,
                alpha=0.7, label=name,
            )  # fmt: skip
    axes.set_ylabel("count")


def _draw_importance(axes: Any, kind: str, plots: Named) -> None:
    """Draw bars by feature: shares of the sum, so that runs compare; the largest at the top."""
    del kind
    shares: list[tuple[str, dict[str, float]]] = []
    for name, data in plots:
        values = next(iter(data["importance"].values()))
        total = sum(abs(v) for v in values) or 1.0
        pairs = zip(data["features"], values, strict=True)
        shares.append((name, {str(f): v / total for f, v in pairs}))
    features = {f: max(abs(each.get(f, 0.0)) for _, each in shares) for _, s in shares for f in s}
    shown = sorted(features, key=lambda f: features[f])[-FEATURES_DRAWN:]
    height = 0.8 / len(shares)
    for place, (name, each) in enumerate(shares):
        axes.barh(
            [row + (len(shares) - 1 - place) * height for row in range(len(shown))],
            [each.get(f, 0.0) for f in shown],
            height,
            color=color_of(place),
            label=name,
        )
    middle = 0.4 - height / 2
    axes.set_yticks([row + middle for row in range(len(shown))], shown, fontsize=8)
    axes.set_xlabel("share of all importance")


def _draw_learning(axes: Any, kind: str, plots: Named) -> None:
    del kind
    for place, (name, data) in enumerate(plots):
        for order, split in enumerate(each for each in ("test", "train") if each in data):
            mean, spread = data[split], data.get(f"{split}_std")
            axes.plot(
                data["x"], mean, color=color_of(place), linestyle=dash_of(order),
                label=f"{name}: {split}",
            )  # fmt: skip
            if spread:
                low = [m - s for m, s in zip(mean, spread, strict=True)]
                high = [m + s for m, s in zip(mean, spread, strict=True)]
                axes.fill_between(data["x"], low, high, color=color_of(place), alpha=0.15)
    axes.set_xlabel(plots[0][1].get("param") or "training rows")
    axes.set_ylabel("score")


def _draw_confusion(axes: Any, data: Mapping[str, Any], place: int) -> None:
    """Draw shares of each true class, with the numbers of rows written into the cells."""
    del place
    matrix, labels = data["matrix"], [str(label) for label in data["labels"]]
    shares = [[v / (sum(row) or 1) for v in row] for row in matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(labels) <= LABELS_WITH_NUMBERS:
        for i, row in enumerate(matrix):
            for j, value in enumerate(row):
                dark = shares[i][j] > 0.5
                text = f"{value:g}"
                axes.text(
                    j, i, text, ha="center", va="center", color="w" if dark else "k", fontsize=8
                )
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", fontsize=8)
        axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")


def _draw_report(axes: Any, data: Mapping[str, Any], place: int) -> None:
    del place
    columns = ("precision", "recall", "f1")
    cells = [[data[c][i] for c in columns] for i in range(len(data["labels"]))]
    axes.imshow(cells, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(cells):
        for j, value in enumerate(row):
            color = "w" if value > 0.5 else "k"
            axes.text(j, i, f"{value:.2f}", ha="center", va="center", color=color, fontsize=8)
    axes.set_xticks(range(3), columns)
    names = [f"{n} ({s:g})" for n, s in zip(data["labels"], data["support"], strict=True)]
    axes.set_yticks(range(len(cells)), names, fontsize=8)


def _draw_clusters(axes: Any, data: Mapping[str, Any], place: int) -> None:
    names = [str(label) for label in data["labels"]]
    axes.bar(names, data["sizes"], color=color_of(place))
    axes.set_xlabel("cluster")
    axes.set_ylabel("rows")


def _draw_predictions(axes: Any, data: Mapping[str, Any], place: int) -> None:
    """Draw truth against prediction; labels are placed by their order."""
    values = sorted({*map(str, data["truth"]), *map(str, data["predicted"])})
    numbers = all(isinstance(v, (int, float)) for v in (*data["truth"], *data["predicted"]))
    places = {value: i for i, value in enumerate(values)}
    truth, guess = (
        data[c] if numbers else [places[str(v)] for v in data[c]] for c in ("truth", "predicted")
    )
    axes.scatter(truth, guess, s=14, alpha=0.6, color=color_of(place))
    if not numbers:
        axes.set_xticks(range(len(values)), values, fontsize=8)
        axes.set_yticks(range(len(values)), values, fontsize=8)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")


_OVERLAID: dict[str, Callable[[Any, str, Named], None]] = {
    "threshold": _draw_threshold,
    "residuals": _draw_residuals,
    "error_distribution": _draw_bins,
    "histogram": _draw_bins,
    "importance": _draw_importance,
    "learning_curve": _draw_learning,
}
_SIDE_BY_SIDE: dict[str, Callable[[Any, Mapping[str, Any], int], None]] = {
    "confusion_matrix": _draw_confusion,
    "classification_report": _draw_report,
    "clusters": _draw_clusters,
    "predictions": _draw_predictions,
}

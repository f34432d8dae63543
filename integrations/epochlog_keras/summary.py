"""A model's layers as a table of text: as wide as its content, whatever the terminal.

Not ``model.summary``: that cuts names off at the width of the terminal, calls the layers of the
user's own to learn their shapes, and takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_HEADINGS = ("Layer (type)", "Output shape", "Parameters", "Connected to")


def summary(model: Any) -> str:
    """Return the layers, nested ones indented below their model, and counts of parameters."""
    rows = [_HEADINGS, *_rows(model, "")]
    if not _branches(rows[1:]):  # each layer follows the one above: nothing to tell
        rows = [row[:3] for row in rows]
    return f'Model: "{model.name}" ({type(model).__name__})\n\n{_table(rows)}\n\n{_totals(model)}'


def _rows(model: Any, indent: str) -> Iterator[tuple[str, ...]]:
    names = {layer.name for layer in model.layers}
    for layer in model.layers:
        built = getattr(layer, "built", True)
        parameters = f"{layer.count_params():,}" if built else "0 (unbuilt)"
        frozen = built and layer.variables and not layer.trainable_variables
        name = f"{indent}{layer.name} ({type(layer).__name__})"
        yield (
            name, _output_shape(layer), parameters + (" (frozen)" if frozen else ""),
            ", ".join(_inputs(layer, names)),
        )  # fmt: skip
        if getattr(layer, "layers", None):
            yield from _rows(layer, indent + "  ")


def _output_shape(layer: Any) -> str:
    """Return the shape as text, "?" where only a call of the user's code would tell."""
    try:
        return _shape_text(layer.output)
    except (AttributeError, ValueError):  # never called with a symbolic tensor
        pass
    if not type(layer).__module__.startswith("keras."):
        return "?"
    try:
        return str(tuple(layer.compute_output_shape(layer.get_build_config()["input_shape"])))
    except Exception:  # several inputs, no build, or a layer that can't tell
        return "?"


def _shape_text(output: Any) -> str:
    if isinstance(output, dict):
        return ", ".join(f"{key}: {_shape_text(each)}" for key, each in output.items())
    if isinstance(output, (list, tuple)):
        return ", ".join(_shape_text(each) for each in output)
    return str(tuple(output.shape))


def _inputs(layer: Any, names: set[str]) -> list[str]:
    """Return the names of the layers, out of ``names``, whose outputs this layer takes."""
    found: dict[str, None] = {}
    for node in getattr(layer, "_inbound_nodes", ()):  # no public attribute tells
        for tensor in getattr(node, "input_tensors", ()):
            name = getattr(getattr(tensor, "_keras_history", None), "operation", None)
            if name is not None and name.name in names:
                found[name.name] = None
    return list(found)


def _branches(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether some layer has several inputs, or some output goes to several layers."""
    connections = [row[3] for row in rows if row[3]]
    return any("," in each for each in connections) or len(set(connections)) < len(connections)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if place == 2 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _totals(model: Any) -> str:
    trainable = count(model.trainable_variables)
    other = count(model.non_trainable_variables)
    optimizer = getattr(getattr(model, "optimizer", None), "variables", None) or ()
    counts = {
        "Total parameters": trainable + other,
        "Trainable": trainable,
        "Not trainable": other,
        "Optimizer": count(optimizer),
    }
    return "\n".join(f"{name}: {number:,}" for name, number in counts.items())


def count(variables: Iterable[Any]) -> int:
    """Return the number of numbers in some variables."""
    total = 0
    for variable in variables:
        size = 1
        for side in variable.shape:
            size *= int(side)
        total += size
    return total

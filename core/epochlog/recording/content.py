"""The verbs of a run that carry content: plots, files, data sets, models, checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochlog.base.clock import now_us
from epochlog.base.guard import guard
from epochlog.base.values import plain
from epochlog.contract import events
from epochlog.contract.events import Step
from epochlog.recording import staging
from epochlog.recording.figures import figure_data
from epochlog.recording.plotdata import plot_data

if TYPE_CHECKING:
    from epochlog.recording.fingerprint.samples import Looks
    from epochlog.recording.recorder import Recorder


class ContentVerbs:
    """Mixed into `Run`: verbs that stage a copy or a fingerprint and write one event."""

    id: str
    root: Any
    _recorder: Recorder
    emit: Callable[[events.AnyEvent], None]
    log_notice: Callable[..., None]

    def log_plot(
        self,
        key: str,
        kind: str | Any,
        data: Mapping[str, Any] | None = None,
        step: Step | None = None,
    ) -> None:
        """Log a plot as data, or a figure as it is.

        Plots as data can be compared: those of many runs are drawn together.

        Example:
            >>> import epochlog
            >>> run = epochlog.start_run()
            >>> run.log_plot(
            ...     "test/roc",
            ...     "roc",
            ...     {"curves": [{"label": 1, "fpr": [0, 0, 1], "tpr": [0, 1, 1]}]},
            ... )
            >>> run.end()

        Args:
            key: name inside the run ("test/confusion_matrix").
            kind: name of the schema (confusion_matrix, roc, importance …; the known ones are in
                `epochlog.evaluation.kinds`, your own may hold anything). Or a figure: of matplotlib
                (also an Axes), plotly, altair, or a Vega-Lite specification as a dict; it becomes a
                plot of kind ``figure``, is not changed, and none is left open.
            data: plain data; arrays become lists. Left out for a figure.
            step: when, for plots that change during training.
        """
        with guard("log_plot"):
            if not isinstance(kind, str):
                kind, data = "figure", figure_data(kind)
            elif data is None:
                raise TypeError(f"a plot of kind {kind!r} needs its data")
            self.emit(events.Plot(self.id, now_us(), str(key), kind, plot_data(data), step))

    def log_artifact(
        self,
        source: str | Path | bytes,
        name: str = "",
        *,
        type: str = "file",
        role: str = "",
        direction: str = "out",
        format: str = "",
        serializer: str = "",
        schema: Mapping[str, Any] | None = None,
        stats: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
        description: str = "",
        copy: bool = True,
        step: Step | None = None,
        aliases: Sequence[str] = (),
    ) -> None:
        """Log a file, a folder or bytes; each call makes a new version of the artifact.

        Args:
            source: path, or the content itself as bytes.
            name: name of the artifact (default: the file's name).
            type, role, direction, format, serializer, schema, stats, meta, description, step,
                aliases: as in `epochlog.contract.events.Artifact`.
            copy: keep the content in the store; False keeps only the path, size and time.
        """
        fields = {
            "type": type, "role": role, "direction": direction,
            "format": format, "serializer": serializer, "schema": plain(schema or {}),
            "stats": plain(stats or {}), "meta": plain(meta or {}),
            "description": description, "step": step, "aliases": list(aliases),
        }  # fmt: skip
        self._log_content(events.Artifact, source, name, fields, copy=copy)

    def log_artifacts(self, folder: str | Path, name: str = "", **fields: Any) -> None:
        """Log a folder as one artifact with a manifest; see `log_artifact` for the arguments."""
        self.log_artifact(Path(folder), name, **{"type": "directory", **fields})

    def log_checkpoint(
        self,
        path: str | Path,
        name: str = "checkpoint",
        *,
        step: Step | None = None,
        aliases: Sequence[str] = (),
        meta: Mapping[str, Any] | None = None,
        link: bool = False,
    ) -> None:
        """Log a checkpoint file or folder.

        Args:
            path: where it is.
            name, step, aliases, meta: as in `log_artifact`.
            link: hard-link instead of copying, which costs nothing. Only for files that are never
                written again under the same name: what is changed in place changes here, too.
        """
        fields = {
            "type": "checkpoint",
            "role": "checkpoint",
            "step": step,
            "aliases": list(aliases),
            "meta": plain(meta or {}),
        }
        self._log_content(events.Checkpoint, path, name, fields, link=link)

    def remove_checkpoint(self, path: str | Path, name: str = "checkpoint") -> None:
        """Say that the framework removed a checkpoint of this run (its keep-top-k rule).

        Its record stays and is marked as deleted; ``gc`` frees the content.
        """
        with guard("remove_checkpoint"):
            uri = str(Path(path).expanduser().absolute())
            self.emit(events.ArtifactRemoved(self.id, now_us(), name, uri=uri))

    def log_model(
        self,
        model: Any,
        name: str = "model",
        *,
        format: str = "",
        serializer: str = "",
        schema: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Log the final model.

        Args:
            model: its bytes, text or path in ``format``; or the object, which is then pickled as a
                last resort (marked so, and never loaded without ``trust=True``).
            name: name of the artifact.
            format: lightgbm-text, json, keras, safetensors, skops, pickle …
            serializer: library and version that wrote it.
            schema: signature: names, types and shapes of inputs and outputs.
            meta: more facts as plain data.
        """
        from epochlog.recording.models import serialize

        with guard("log_model"):
            packed = serialize(model, format=format)
            if packed.data is None and packed.path is None:
                self.log_notice(
                    f"the model was not stored: {packed.meta.get('reason')}",
                    level="warning",
                    source="model",
                )
                return
            fields = {
                "type": "model", "role": "weights", "schema": plain(schema or {}),
                "format": packed.format, "serializer": serializer or packed.serializer,
                "meta": {**packed.meta, **plain(meta or {}), "safe": packed.safe},
            }  # fmt: skip
            content = packed.data if packed.data is not None else Path(str(packed.path))
            self._log_content(events.Model, content, name, fields)

    def log_dataset(
        self,
        data: Any,
        name: str = "",
        *,
        role: str = "train",
        target: Any = None,
        weight: Any = None,
        budget_s: float | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Log that this run saw a data set: fingerprint, schema and statistics, not its content.

        Args:
            data: array, sparse matrix, frame, table, tensor, list, path…; not copied, not changed.
            name: name of the data set (default: its role).
            role: train, validation, test, features …
            target, weight: belong to the fingerprint.
            budget_s: longest time for hashing; beyond it a sample is hashed, and recorded as such.
            meta: more facts as plain data.
        """
        from epochlog.recording.datasets import describe

        with guard("log_dataset"):
            facts = describe(
                data, target=target, weight=weight, budget_s=budget_s, looks=self._looks()
            )
            uri = (
                str(Path(data).absolute()) if isinstance(data, (str, Path)) and facts.digest else ""
            )
            extra = {**plain(meta or {}), "complete": facts.complete}
            self.emit(
                events.Dataset(
                    self.id, now_us(), name or role, type="dataset", direction="in", role=role,
                    uri=uri, digest=facts.digest, digest_algo=facts.digest_algo, size=facts.size,
                    format=facts.format, schema=plain(facts.schema), stats=plain(facts.stats),
                    meta=extra, origin="observed",
                )
            )  # fmt: skip

    def _looks(self) -> Looks:
        """Return how closely this process's settings let us look at data."""
        from epochlog.recording.fingerprint.samples import Looks

        settings = self._recorder.settings
        if "data" not in settings.capture:
            return Looks(statistics=False)
        return Looks(settings.sample_rows, settings.redact_columns)

    def _log_content(
        self,
        event: type[events.Artifact],
        source: str | Path | bytes,
        name: str,
        fields: dict[str, Any],
        *,
        copy: bool = True,
        link: bool = False,
    ) -> None:
        """Stage a private copy of ``source`` and write ``event``; failures become a notice."""
        with guard("log_artifact"):
            if isinstance(source, (bytes, bytearray, memoryview)):
                staged, uri = staging.stage_bytes(self.root, bytes(source)), ""
            else:
                path = Path(source).expanduser().absolute()
                uri, name = str(path), name or path.name
                try:
                    size = path.stat().st_size
                    staged = staging.stage_path(self.root, path, link=link) if copy else ""
                except OSError as error:
                    self.log_notice(
                        f"artifact {name!r} was not stored: {error}",
                        level="warning",
                        source="artifact",
                    )
                    return
                if not copy:
                    fields = {"size": size, **fields, "origin": "observed"}
            self.emit(
                event(self.id, now_us(), name or "artifact", staged=staged, uri=uri, **fields)
            )

"""One training loop: turn optimizer steps, passes over data and evaluations into its run."""

from __future__ import annotations

import time
import weakref
from collections.abc import Sequence
from typing import Any

from epochlog.plugins.api import (
    Budget,
    IntegrationOptions,
    Run,
    gradient_norm,
    guard,
    loader_facts,
    log_histograms,
    log_loader_dataset,
    log_torch_weights,
    module_facts,
    module_summary,
    optimizer_params,
    scheduler_params,
)
from epochlog_torch.members import Member
from epochlog_torch.passes import Evaluation, Pass
from epochlog_torch.roots import Thread
from epochlog_torch.scalars import Pending, Scalars, read

DATASET_BUDGET_S = 0.1
RATE_EVERY_S = 5.0
WEIGHTS_BYTES_PER_S = 2e8  # safetensors into the store, on a busy machine
NAMED_OPTIMIZERS_MAX = 8
"""Whoever gives each parameter an optimizer of its own gets curves of the first few."""


class Loop:
    """A training and its run.

    Attributes:
        run: where it is recorded.
        models: weak references to the modules that are trained, the largest first.
        members: the optimizers that are part of it.
        thread: that trains.
        owned: the run is the loop's own and ends with it.
        open: whether steps are still taken.
    """

    def __init__(
        self,
        run: Run,
        models: Sequence[Any],
        options: IntegrationOptions,
        thread: Thread,
        *,
        owned: bool,
        rank: int = 0,
    ) -> None:
        self.run, self.owned, self.thread = run, owned, thread
        self.models = [weakref.ref(model) for model in models]
        self.options, self.context = options, f"rank={rank}" if rank else ""
        self.members: list[Member] = []
        self.open = True
        self.epoch: int | None = None
        self.began = time.perf_counter()
        self.keys = {"train/loss", "learning_rate", "gradient_norm"}
        self.tune(options)
        self._scalars = Scalars(self._log_pending)
        self._pass: Pass | None = None
        self._train_loaders: dict[int, weakref.ref[Any]] = {}
        self._roles: dict[int, str] = {}
        self._epoch_losses: list[tuple[float, Any]] = []
        self._rate_mark = (self.began, 0)

    def tune(self, options: IntegrationOptions) -> None:
        """Go on with other options."""
        self.options = options
        self._losses = bool(options.get("loss", True))
        self._rates = bool(options.get("learning_rate", True))
        self._loaders = bool(options.get("loaders", True))
        self._every = max(1, int(options.get("every_n_steps", 1)))
        self._norm_every = int(options.get("gradient_norm_every", 0))
        self._plots_every = int(options.get("histograms_every", 0))

    # -- beginning -------------------------------------------------------------------------------

    @property
    def talks(self) -> bool:
        """Whether facts are recorded here: one process of a distributed training tells them."""
        return not self.context

    def describe(self) -> None:
        """Record what is known of the models before the first step is recorded."""
        models = [model for ref in self.models if (model := ref()) is not None]
        if not models or not self.talks:
            return
        self.run.log_params(module_facts(models[0]))
        if len(models) > 1:
            for k, model in enumerate(models[1:], 1):
                facts = module_facts(model)
                self.run.log_params(
                    {f"model_{k}.{name.removeprefix('model.')}": v for name, v in facts.items()}
                )
        criteria = [each for ref in self.thread.criteria.values() if (each := ref()) is not None]
        if criteria:
            names = ", ".join(type(each).__name__ for each in criteria)
            self.run.log_params({"criterion": names})
        summary = "\n\n".join(module_summary(model) for model in models)
        self.run.log_text("model/summary", summary)

    def join(self, member: Member) -> None:
        """Take one more optimizer in, and record its settings and its schedulers'."""
        member.index = len(self.members)
        member.loop = self
        self.members.append(member)
        suffix = f"/{member.index}" if member.index else ""
        member.loss_key, member.rate_key = f"train/loss{suffix}", f"learning_rate{suffix}"
        self.keys |= {member.loss_key, member.rate_key}
        if not self.talks or member.index >= NAMED_OPTIMIZERS_MAX:
            return
        optimizer = member.optimizer()
        prefix = f"optimizer_{member.index}" if member.index else "optimizer"
        with guard("torch optimizer"):
            self.run.log_params(optimizer_params(optimizer, prefix))
        prefix = prefix.replace("optimizer", "scheduler")
        for k, scheduler in enumerate(member.schedulers()):
            with guard("torch scheduler"):
                self.run.log_params(scheduler_params(scheduler, f"{prefix}_{k}" if k else prefix))

    def young(self, steps_max: int) -> bool:
        """Whether another network may still turn out to belong to this training."""
        if max((member.steps for member in self.members), default=0) <= steps_max:
            return True
        return self._pass is not None and self._pass.alive() and self.epoch == 0

    # -- steps -----------------------------------------------------------------------------------

    def stepped(self, member: Member, optimizer: Any, thread: Thread) -> None:
        """Record one step of an optimizer."""
        if thread.entries_changed and self._loaders:
            self._find_pass(thread)
        if thread.evaluations:
            self._settle(thread, "val", "validation")
        step = member.steps
        member.steps = step + 1
        if member.index >= NAMED_OPTIMIZERS_MAX:
            return
        point: dict[str, float] = {}
        if self._losses:
            self._take_loss(member, optimizer, thread, point)
        if self._rates:
            member.take_rates(optimizer, point, self.run, self.epoch)
        if point:
            self.run.log_metrics(point, step, epoch=self.epoch, context=self.context)
        if self._norm_every or self._plots_every:
            self._look_inside(member, optimizer, step)
        if member.index == 0 and not step & 15:
            self._measure(member)

    def _take_loss(
        self, member: Member, optimizer: Any, thread: Thread, point: dict[str, float]
    ) -> None:
        found, place = thread.take_loss(optimizer, member.place)
        first, member.place = member.place, place
        if not found or (first == place and member.index):
            return
        if member.index and any(m.place == place and m is not member for m in self.members):
            return  # another optimizer has recorded this very loss
        step = member.steps - 1
        value: Any = found[0] if len(found) == 1 else _sum(found)
        if type(value) is float:
            if step % self._every == 0:
                point[member.loss_key] = value
        else:
            if step % self._every == 0:
                at = time.time_ns() // 1000
                self._scalars.add(Pending(member.loss_key, value, step, self.epoch, at))
        if member.index == 0 and self._pass is not None:
            self._epoch_losses.append((1.0, value))
            if len(self._epoch_losses) >= 4096:
                self._shorten_epoch()

    def _log_pending(self, point: Pending, value: float) -> None:
        self.run.log_metrics(
            {point.key: value}, point.step, epoch=point.epoch, at=point.at, context=self.context
        )

    def _look_inside(self, member: Member, optimizer: Any, step: int) -> None:
        if self._norm_every and step % self._norm_every == 0:
            parameters = (p for group in optimizer.param_groups for p in group["params"])
            norm = gradient_norm(parameters)
            if norm is not None:
                key = f"gradient_norm/{member.index}" if member.index else "gradient_norm"
                self.run.log_metrics({key: norm}, step, epoch=self.epoch, context=self.context)
        if self._plots_every and member.index == 0 and step % self._plots_every == 0:
            for ref in self.models:
                if self.talks and (model := ref()) is not None:
                    log_histograms(self.run, model, step)

    def _measure(self, member: Member, *, last: bool = False) -> None:
        """Record the speed of the last seconds."""
        now, (then, before) = time.perf_counter(), self._rate_mark
        steps = member.steps - before
        if steps <= 0 or now - then < (1e-6 if last else RATE_EVERY_S):
            return
        self._rate_mark = (now, member.steps)
        speed = {"throughput/steps_per_s": steps / (now - then)}
        loader = self._pass.loader() if self._pass is not None else None
        if isinstance(size := getattr(loader, "batch_size", None), int):
            speed["throughput/rows_per_s"] = speed["throughput/steps_per_s"] * size
        self.run.log_metrics(speed, member.steps - 1, epoch=self.epoch, context=self.context)

    # -- passes ----------------------------------------------------------------------------------

    def _find_pass(self, thread: Thread) -> None:
        """Find the pass that the training is in: the latest of a loader known to train, if any."""
        thread.entries_changed = False
        alive = [each for each in thread.entries if not each.without_grad and each.alive()]
        known = [each for each in alive if self._is_train(each)]
        chosen = (known or alive or [None])[-1]
        if chosen is None or chosen is self._pass:
            return
        new = [] if known else alive
        training = {each.loader_id for each in (*new, chosen)}
        thread.evaluations = [e for e in thread.evaluations if e.source not in training]
        self.finish_epoch()
        self._settle(thread, "val", "validation")
        self._pass = chosen
        self.epoch = 0 if self.epoch is None else self.epoch + 1
        for each in new:
            number = len(self._train_loaders)
            self._train_loaders[each.loader_id] = each.loader
            self._describe_loader(each.loader(), "train", "train", number)

    def _is_train(self, each: Pass) -> bool:
        loader = each.loader()
        return loader is not None and self.trains_on(loader)

    def trains_on(self, loader: Any) -> bool:
        """Whether steps were made while this loader was iterated."""
        known = self._train_loaders.get(id(loader))
        return known is not None and known() is loader

    def _describe_loader(self, loader: Any, split: str, role: str, number: int) -> None:
        if loader is None or not self.talks:
            return
        name = f"{split}_{number}" if number else split
        with guard("torch loader"):
            self.run.log_params(loader_facts(loader, f"{name}_loader"))
        if self.options.get("datasets", True):
            with guard("torch data set"):
                log_loader_dataset(self.run, loader, role, name=name, budget_s=DATASET_BUDGET_S)

    def finish_epoch(self) -> None:
        """Record the mean of the losses of the epoch that is over."""
        losses, self._epoch_losses = self._epoch_losses, []
        if self._pass is None or not losses or self.epoch is None:
            return
        values = read([value for _, value in losses])
        weights = [weight for weight, _ in losses]
        mean = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
        self.run.log_metrics(
            {"train/loss.epoch_mean": mean},
            self.members[0].steps - 1,
            epoch=self.epoch,
            context=self.context,
        )

    def _shorten_epoch(self) -> None:
        values = read([value for _, value in self._epoch_losses])
        total = sum(weight for weight, _ in self._epoch_losses)
        pairs = zip(values, self._epoch_losses, strict=True)
        mean = sum(value * weight for value, (weight, _) in pairs) / total
        self._epoch_losses = [(total, mean)]

    # -- evaluations -----------------------------------------------------------------------------

    def _settle(self, thread: Thread, split: str, role: str) -> None:
        """Record evaluations: what they were is known now."""
        evaluations, thread.evaluations = thread.evaluations, []
        trained_on = {key for key, ref in thread.criteria.items() if ref() is not None}
        for each in evaluations:
            self._log_evaluation(each, trained_on, split, role)

    def _log_evaluation(
        self, each: Evaluation, trained_on: set[int], split: str, role: str
    ) -> None:
        loader = each.loader()
        trains = each.source in self._train_loaders
        name = "train_eval" if trains else self._roles.get(each.source, "")
        if not name:
            others = sum(1 for known in self._roles.values() if known.split("_")[0] == split)
            name = f"{split}_{others}" if others else split
            self._roles[each.source] = name
            if loader is not None and self.options.get("loaders", True):
                self._describe_loader(loader, split, role, others)
        means = each.means(trained_on) if self.options.get("validation", True) else {}
        if means:
            step = max(0, self.members[0].steps - 1) if self.members else 0
            self.run.log_metrics(
                {f"{name}/{key}": value for key, value in means.items()},
                step,
                epoch=self.epoch,
                context=self.context,
            )

    # -- end -------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Record what is left to say. The run itself is ended by whoever owns it."""
        if not self.open:
            return
        self.open = False
        with guard("torch end of a loop"):
            if self.thread.loop is self:
                self._settle(self.thread, "test", "test")
            self.finish_epoch()
            self._scalars.read_all()
            if self.members:
                self._measure(self.members[0], last=True)
                self._log_totals()
        with guard("torch final weights"):
            if self.talks and self.options.get("models", True):
                self.log_weights()

    def _log_totals(self) -> None:
        if not self.talks:
            return
        totals = {"steps": self.members[0].steps}
        if self.epoch is not None:
            totals["epochs"] = self.epoch + 1
        self.run.log_params(totals)

    def log_weights(self) -> None:
        """Store the models' weights, if they are still there and it does not take too long."""
        budget = Budget(time.perf_counter() - self.began)
        gone = 0
        for k, ref in enumerate(self.models):
            model = ref()
            if model is None:
                gone += 1
                continue
            size = sum(t.nbytes for t in (*model.parameters(), *model.buffers()))
            cost = budget.estimate_s("torch weights", size, WEIGHTS_BYTES_PER_S)
            if not budget.allows(cost):
                self.run.log_notice(budget.skipped("the final weights", cost), source="torch")
                continue
            with budget.spend("torch weights", size):
                log_torch_weights(self.run, model, f"model_{k}" if k else "model")
        if gone:
            self.run.log_notice(
                "the model was gone when its run ended, so its final weights are not stored; "
                "epochlog_torch.watch(model) keeps it until then",
                source="torch",
            )


def _sum(values: list[Any]) -> Any:
    if all(type(value) is float for value in values):
        return sum(values)
    import torch

    with torch.no_grad():
        total = values[0]
        for value in values[1:]:
            total = total + value
        return total

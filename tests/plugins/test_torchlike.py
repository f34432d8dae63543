"""What integrations read from PyTorch's objects, with the real torch."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import warnings

import pytest

import epochlog
from epochlog.plugins import api

torch = pytest.importorskip("torch")
nn = torch.nn


def tiny():
    """A model of two layers and a buffer."""
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


class TestOptimizers:
    def test_settings_of_one_group(self):
        """Settings of the only group stand under the prefix, effective defaults included."""
        params = api.optimizer_params(torch.optim.Adam(tiny().parameters(), lr=0.01))
        assert params["optimizer.class"] == "Adam"
        assert params["optimizer.lr"] == 0.01
        assert params["optimizer.betas"] == [0.9, 0.999]
        assert not [name for name in params if "params" in name or "group" in name]

    def test_settings_that_differ_between_groups(self):
        """What differs is kept by group, what all share once."""
        model = tiny()
        groups = [
            {"params": model[0].parameters(), "lr": 0.5},
            {"params": model[2].parameters(), "weight_decay": 0.1},
        ]
        params = api.optimizer_params(torch.optim.SGD(groups, lr=0.1, momentum=0.9), "sgd")
        assert (params["sgd.group_0.lr"], params["sgd.group_1.lr"]) == (0.5, 0.1)
        assert (params["sgd.group_0.weight_decay"], params["sgd.group_1.weight_decay"]) == (0, 0.1)
        assert params["sgd.momentum"] == 0.9
        assert params["sgd.groups"] == 2
        assert params["sgd.group_0.n_tensors"] == 2

    def test_rate_kept_as_a_tensor(self):
        """A learning rate that is a tensor becomes a number and stays a tensor in the optimizer."""
        optimizer = torch.optim.Adam(tiny().parameters(), lr=torch.tensor(0.25))
        assert api.optimizer_params(optimizer)["optimizer.lr"] == 0.25
        assert api.learning_rates(optimizer) == {"learning_rate": 0.25}
        assert isinstance(optimizer.param_groups[0]["lr"], torch.Tensor)

    def test_names_of_rates(self):
        """One curve for one optimizer; groups and optimizers get numbers."""
        model = tiny()
        one = torch.optim.SGD(model[0].parameters(), lr=0.1)
        two = torch.optim.SGD(
            [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 1.0}],
            lr=0.2,
        )
        assert api.learning_rates([one]) == {"learning_rate": 0.1}
        assert api.learning_rates(two) == {
            "learning_rate/group_0": 0.2,
            "learning_rate/group_1": 1.0,
        }
        assert api.learning_rates([one, two]) == {
            "learning_rate/0": 0.1,
            "learning_rate/1/group_0": 0.2,
            "learning_rate/1/group_1": 1.0,
        }

    def test_scheduler_settings_without_its_counters(self):
        """A scheduler's settings are kept, what it counts is not."""
        optimizer = torch.optim.SGD(tiny().parameters(), lr=0.1)
        schedulers = torch.optim.lr_scheduler
        step = api.scheduler_params(schedulers.StepLR(optimizer, 3, gamma=0.5))
        assert step["scheduler.class"] == "StepLR"
        assert (step["scheduler.step_size"], step["scheduler.gamma"]) == (3, 0.5)
        assert "scheduler.last_epoch" not in step
        many = api.scheduler_params(schedulers.MultiStepLR(optimizer, [2, 4, 4]))
        assert many["scheduler.milestones"] == [2, 4, 4]
        plateau = api.scheduler_params(schedulers.ReduceLROnPlateau(optimizer, patience=7), "s")
        assert plateau["s.patience"] == 7
        assert "s.best" not in plateau
        function = api.scheduler_params(schedulers.LambdaLR(optimizer, math.cos))
        assert function["scheduler.lr_lambdas"] == ["cos"]

    def test_schedulers_inside_a_scheduler(self):
        """Schedulers that follow one another are described one by one."""
        optimizer = torch.optim.SGD(tiny().parameters(), lr=0.1)
        schedulers = torch.optim.lr_scheduler
        first = schedulers.LinearLR(optimizer, total_iters=4)
        second = schedulers.ExponentialLR(optimizer, 0.9)
        params = api.scheduler_params(schedulers.SequentialLR(optimizer, [first, second], [4]))
        assert params["scheduler.class"] == "SequentialLR"
        assert params["scheduler.0.total_iters"] == 4
        assert params["scheduler.1.gamma"] == 0.9


class TestModules:
    def test_facts(self):
        """Elements are counted, frozen ones apart, buffers apart."""
        model = tiny()
        model[0].weight.requires_grad_(False)
        facts = api.module_facts(model)
        assert facts == {
            "model_class": "Sequential",
            "model.parameters": 25,
            "model.trainable_parameters": 13,
            "model.buffers": 7,
            "model.dtype": "float32",
            "model.device": "cpu",
        }

    def test_shared_parameters_count_once(self):
        """Tied weights are one parameter."""
        first, second = nn.Linear(4, 4), nn.Linear(4, 4)
        second.weight = first.weight
        assert api.module_facts(nn.Sequential(first, second))["model.parameters"] == 24

    def test_lazy_modules_stay_lazy(self):
        """Parameters that have no shape yet count nothing and are not initialised by looking."""
        model = nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 2, dtype=torch.float64))
        facts = api.module_facts(model)
        assert facts["model.parameters"] == 8
        assert "float64" in facts["model.dtype"]
        assert "?" in api.module_summary(model)
        assert model[0].has_uninitialized_params()

    def test_summary_names_every_module(self):
        """The table has a row for each module, and the totals."""
        text = api.module_summary(tiny())
        assert [line.split()[:2] for line in text.splitlines()[1:5]] == [
            ["(model)", "Sequential"],
            ["0", "Linear"],
            ["1", "BatchNorm1d"],
            ["2", "Linear"],
        ]
        assert "weight 3×4, bias 3" in text
        assert "25 parameters, 25 of them trainable" in text

    def test_wrappers_are_looked_through(self):
        """The class is the user's, not that of torch.compile's or data parallelism's wrapper."""
        assert api.module_facts(nn.DataParallel(tiny()))["model_class"] == "Sequential"
        assert api.module_facts(torch.compile(tiny()))["model_class"] == "Sequential"


def rows_of(count):
    """Return a data set of two tensors."""
    return torch.utils.data.TensorDataset(
        torch.arange(count * 2.0).view(count, 2), torch.arange(count)
    )


class TestLoaders:
    def test_facts(self):
        """A loader tells sizes, order and the data set's class."""
        loader = torch.utils.data.DataLoader(rows_of(10), batch_size=4, shuffle=True)
        assert api.loader_facts(loader, "train_loader") == {
            "train_loader.batch_size": 4,
            "train_loader.num_workers": 0,
            "train_loader.drop_last": False,
            "train_loader.shuffle": True,
            "train_loader.sampler": "RandomSampler",
            "train_loader.pin_memory": False,
            "train_loader.dataset": "TensorDataset",
            "train_loader.n_rows": 10,
            "train_loader.n_batches": 3,
        }

    def test_batch_sampler(self):
        """A loader with a batch sampler has that one's sizes."""
        data, tools = rows_of(10), torch.utils.data
        batches = tools.BatchSampler(tools.SequentialSampler(data), 5, drop_last=True)
        facts = api.loader_facts(tools.DataLoader(data, batch_sampler=batches), "l")
        assert (facts["l.batch_size"], facts["l.drop_last"], facts["l.n_batches"]) == (5, True, 2)

    def test_iterable_data_sets_are_not_asked_for_their_length(self):
        """A loader of an iterable data set warns later if it was asked: it is not asked."""

        class Stream(torch.utils.data.IterableDataset):
            def __iter__(self):
                return iter(range(5))

            def __len__(self):
                raise AssertionError("asked")

        loader = torch.utils.data.DataLoader(Stream(), batch_size=1)
        facts = api.loader_facts(loader, "l")
        assert facts["l.dataset"] == "Stream"
        assert "l.n_rows" not in facts
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert sum(1 for _ in loader) == 5

    def test_tensor_dataset_is_hashed(self):
        """The fingerprint covers data and target; equal content has an equal digest."""
        found = []
        for last in (9, 9, 0):
            data = rows_of(10)
            data.tensors[1][-1] = last
            with epochlog.start_run() as run:
                api.log_loader_dataset(run, torch.utils.data.DataLoader(data), "train")
            epochlog.flush()
            (dataset,) = epochlog.get_run(run.id).datasets
            found.append(dataset.digest)
        assert found[0] == found[1] != found[2]
        assert found[0]

    def test_subsets_have_their_own_digest(self):
        """Both parts of a random split are fingerprinted, and differ."""
        generator = torch.Generator().manual_seed(1)
        parts = torch.utils.data.random_split(rows_of(10), [6, 4], generator=generator)
        with epochlog.start_run() as run:
            for role, part in zip(("train", "validation"), parts, strict=True):
                api.log_loader_dataset(run, torch.utils.data.DataLoader(part), role)
        epochlog.flush()
        digests = {data.digest for data in epochlog.get_run(run.id).datasets}
        assert len(digests) == 2
        assert "" not in digests

    def test_other_data_sets_are_named_and_not_read(self):
        """No item of a data set of the user's is read; its declared identity is kept."""

        class Pictures(torch.utils.data.Dataset):
            def __init__(self):
                self.root, self.train = "/data/pictures", True

            def __len__(self):
                return 3

            def __getitem__(self, index):
                raise AssertionError("read")

        with epochlog.start_run() as run:
            api.log_loader_dataset(run, torch.utils.data.DataLoader(Pictures()), "train")
        epochlog.flush()
        (dataset,) = epochlog.get_run(run.id).datasets
        assert dataset.meta["root"] == "/data/pictures"
        assert dataset.meta["class"].endswith("Pictures")


class TestTensors:
    def test_gradient_norm(self):
        """The norm is that of all gradients together, and equals torch's own."""
        model = tiny()
        assert api.gradient_norm(model.parameters()) is None
        model(torch.ones(5, 4)).sum().backward()
        expected = nn.utils.clip_grad_norm_(model.parameters(), math.inf)
        assert api.gradient_norm(model.parameters()) == pytest.approx(float(expected), rel=1e-5)

    def test_gradient_norm_of_sparse_and_bfloat16(self):
        """Sparse and half-precision gradients count like others."""
        embedding = nn.Embedding(5, 2, sparse=True)
        half = nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
        (embedding(torch.tensor([1, 1])).sum() + half.sum().float()).backward()
        assert api.gradient_norm([*embedding.parameters(), half]) == pytest.approx(12**0.5)

    def test_histograms(self):
        """Each trainable parameter has a histogram, each gradient one more."""
        model = tiny()
        model[0].bias.requires_grad_(False)
        model(torch.ones(5, 4)).sum().backward()
        with epochlog.start_run() as run:
            api.log_histograms(run, model, step=7)
        epochlog.flush()
        plots = epochlog.get_run(run.id).plots
        keys = {plot.key for plot in plots}
        assert {"weights/0.weight", "gradients/0.weight"} <= keys
        assert "weights/0.bias" not in keys
        assert {plot.step for plot in plots} == {7}


class TestWeights:
    def stored(self, module, **more):
        """Store a module's weights and return (what the run knows of them, its bytes)."""
        with epochlog.start_run() as run:
            assert api.log_torch_weights(run, module, **more)
        epochlog.flush()
        (model,) = epochlog.get_run(run.id).models
        return model, model.read_bytes()

    def test_safetensors(self):
        """Weights come back bit by bit, buffers included."""
        safetensors = pytest.importorskip("safetensors.torch")
        module = tiny()
        model, data = self.stored(module)
        assert model.format == "safetensors"
        back = safetensors.load(data)
        for name, value in module.state_dict().items():
            assert torch.equal(back[name], value)

    def test_tied_weights(self):
        """Tied weights are stored as a state dict that loads without executing code."""
        first, second = nn.Linear(4, 4), nn.Linear(4, 4)
        second.weight = first.weight
        model, data = self.stored(nn.Sequential(first, second))
        assert model.format == "torch"
        back = torch.load(io.BytesIO(data), weights_only=True)
        assert torch.equal(back["1.weight"], first.weight)

    def test_too_large(self):
        """Weights beyond the limit are left out, with a notice."""
        with epochlog.start_run() as run:
            assert not api.log_torch_weights(run, tiny(), size_max_bytes=10)
        epochlog.flush()
        found = epochlog.get_run(run.id)
        assert not found.models
        assert "more than 10" in found.notices[0].text


def test_no_torch_is_imported():
    """The module itself imports no torch and no NumPy."""
    code = (
        "import sys, epochlog.plugins.api\n"
        "assert not {'torch', 'numpy', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_random_and_nothing_set():
    """Looking draws no random number and leaves no attribute."""
    model = tiny()
    optimizer = torch.optim.Adam(model.parameters())
    loader = torch.utils.data.DataLoader(rows_of(10), shuffle=True)
    objects = (model, optimizer, loader, loader.dataset, loader.sampler)
    before = [set(vars(each)) for each in objects]
    state = torch.get_rng_state()
    api.module_facts(model), api.module_summary(model), api.optimizer_params(optimizer)
    api.loader_facts(loader, "l"), api.gradient_norm(model.parameters())
    with epochlog.start_run() as run:
        api.log_loader_dataset(run, loader, "train")
        api.log_histograms(run, model, 0)
        api.log_torch_weights(run, model)
    assert torch.equal(torch.get_rng_state(), state)
    assert [set(vars(each)) for each in objects] == before

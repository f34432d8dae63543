"""Every integration's final model comes back by ``load()`` and does what the trained one does."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from small_trainings import cancer

import epochlog
from epochlog.base.errors import Untrusted

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Case:
    """One kind of model.

    Attributes:
        needs: module to import.
        train: trains; returns ``compare(loaded)``, which asserts that it is the same model.
        format: in which it is stored.
        trusted: it loads only with the caller's word.
        outputs: names of the outputs in the signature.
    """

    needs: str
    train: Callable[[], Callable[[Any], None]]
    format: str
    outputs: tuple[str, ...]
    trusted: bool = False


def same(left: Any, right: Any) -> None:
    """Assert that two arrays are equal, bit by bit."""
    assert np.asarray(left).tobytes() == np.asarray(right).tobytes()


def sklearn_pipeline() -> Callable[[Any], None]:
    """Fit a pipeline."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = cancer()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    return lambda loaded: same(loaded.predict_proba(X), model.predict_proba(X))


def sklearn_skops() -> Callable[[Any], None]:
    """Fit in a script that has imported skops."""
    importlib.import_module("skops.io")
    return sklearn_pipeline()


def lightgbm_booster() -> Callable[[Any], None]:
    """Train a booster."""
    import lightgbm as lgb

    X, y = cancer()
    params = {"objective": "binary", "verbose": -1, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(X, y), 3)
    return lambda loaded: same(loaded.predict(X), booster.predict(X))


def xgboost_booster() -> Callable[[Any], None]:
    """Train a booster."""
    import xgboost as xgb

    X, y = cancer()
    matrix = xgb.DMatrix(X, y)
    booster = xgb.train({"objective": "binary:logistic", "nthread": 1}, matrix, 3)
    return lambda loaded: same(loaded.predict(matrix), booster.predict(matrix))


def catboost_classifier() -> Callable[[Any], None]:
    """Fit a classifier."""
    import catboost

    X, y = cancer()
    model = catboost.CatBoostClassifier(
        iterations=3, depth=2, thread_count=1, verbose=False, train_dir=tempfile.mkdtemp()
    ).fit(X, y)

    def compare(loaded: Any) -> None:
        same(loaded.predict_proba(X), model.predict_proba(X))
        same(loaded.predict(X), model.predict(X))

    return compare


def keras_dense() -> Callable[[Any], None]:
    """Train a small network."""
    import keras

    X, y = cancer()
    model = keras.Sequential(
        [keras.Input((30,)), keras.layers.Dense(4), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y, epochs=1, verbose=0)
    return lambda loaded: same(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def keras_with_lambda() -> Callable[[Any], None]:
    """Train a network of which only the weights can be stored."""
    import keras

    X, y = cancer()
    model = keras.Sequential(
        [keras.Input((30,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    model.fit(X, y, epochs=1, verbose=0)

    def compare(loaded: dict[str, Any]) -> None:
        kept = sorted(array.tobytes() for path, array in loaded.items() if "optimizer" not in path)
        assert kept == sorted(weight.tobytes() for weight in model.get_weights())

    return compare


def _state_is(module: Any) -> Callable[[Any], None]:
    def compare(loaded: dict[str, Any]) -> None:
        state = module.state_dict()
        assert set(loaded) == set(state)
        for name, tensor in state.items():
            same(loaded[name], tensor)
        module.load_state_dict(loaded)

    return compare


def torch_loop() -> Callable[[Any], None]:
    """Train a module in a loop of one's own."""
    import torch

    X, y = (torch.as_tensor(each) for each in cancer())
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y.float()), 100)
    model = torch.nn.Sequential(torch.nn.Linear(30, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    optimizer, criterion = torch.optim.SGD(model.parameters(), 0.1), torch.nn.BCEWithLogitsLoss()
    for inputs, labels in data:
        optimizer.zero_grad()
        criterion(model(inputs)[:, 0], labels).backward()
        optimizer.step()
    return _state_is(model)


def torch_tied() -> Callable[[Any], None]:
    """Train a module with tied weights, which safetensors can't say."""
    import torch

    class Tied(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Linear(30, 30)
            self.second = torch.nn.Linear(30, 30)
            self.second.weight = self.first.weight

        def forward(self, x: Any) -> Any:
            return self.second(self.first(x))

    model = Tied()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    X = torch.as_tensor(cancer()[0])
    for _ in range(2):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(X), X).backward()
        optimizer.step()
    return _state_is(model)


def lightning_module() -> Callable[[Any], None]:
    """Train with Lightning."""
    import lightning
    import torch

    class Net(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(30, 1)

        def training_step(self, batch: Any, _: int) -> Any:
            x, y = batch
            return torch.nn.functional.mse_loss(self.layer(x)[:, 0], y)

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.01)

    X, y = (torch.as_tensor(each) for each in cancer())
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y.float()), 200)
    module = Net()
    lightning.Trainer(
        max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu",
    ).fit(module, data)  # fmt: skip
    return _state_is(module)


def transformers_bert() -> Callable[[Any], None]:
    """Train a tiny classifier of texts."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, num_labels=3,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    ids = torch.arange(48).reshape(6, 8)
    rows = [{"input_ids": row, "labels": torch.tensor(i % 3)} for i, row in enumerate(ids)]
    arguments = transformers.TrainingArguments(
        tempfile.mkdtemp(), max_steps=1, report_to=[], save_strategy="no", use_cpu=True,
        disable_tqdm=True,
    )  # fmt: skip
    transformers.Trainer(model=model, args=arguments, train_dataset=rows).train()
    model.eval()

    def compare(loaded: Any) -> None:
        with torch.no_grad():
            same(loaded.eval()(ids).logits, model(ids).logits)

    return compare


CASES = {
    "sklearn": Case("sklearn", sklearn_pipeline, "pickle", ("predict", "predict_proba"), True),
    "sklearn with skops": Case("skops", sklearn_skops, "skops", ("predict", "predict_proba")),
    "lightgbm": Case("lightgbm", lightgbm_booster, "lightgbm-text", ("prediction",)),
    "xgboost": Case("xgboost", xgboost_booster, "ubj", ("prediction",)),
    "catboost": Case("catboost", catboost_classifier, "cbm", ("predict", "predict_proba")),
    "keras": Case("keras", keras_dense, "keras", ("*",)),
    "keras with a lambda": Case("keras", keras_with_lambda, "hdf5", ("*",)),
    "torch": Case("torch", torch_loop, "safetensors", ("output",)),
    "torch with tied weights": Case("torch", torch_tied, "torch", ("output",)),
    "lightning": Case("lightning", lightning_module, "safetensors", ("output",)),
    "transformers": Case("transformers", transformers_bert, "transformers", ("logits",)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_final_model_comes_back(name, store, monkeypatch):
    """Trained, stored, loaded: same predictions or weights; signature, size, digest, versions."""
    case = CASES[name]
    pytest.importorskip(case.needs)
    monkeypatch.setenv("EPOCHLOG_BUDGET_FLOOR_S", "30")  # a busy machine leaves no model out
    if name == "sklearn":
        monkeypatch.delitem(importlib.import_module("sys").modules, "skops.io", raising=False)
    epochlog.autolog(store=store, disable=["hardware"])
    with epochlog.start_run("a training"):
        compare = case.train()
    epochlog.flush()

    found = [model for run in epochlog.runs(store=store) for model in run.models]
    assert [model.format for model in found] == [case.format]
    (model,) = found
    if case.trusted:
        with pytest.raises(Untrusted):
            model.load()
    compare(model.load(trust=case.trusted))

    assert model.size
    assert model.digest
    assert model.serializer.split()[1][0].isdigit() or "Python" in model.serializer
    inputs, outputs = model.schema["inputs"], model.schema["outputs"]
    assert all(each["name"] and each["dtype"] for each in inputs), inputs
    if case.outputs != ("*",):
        assert tuple(each["name"] for each in outputs) == case.outputs
    assert all("dtype" in each and "shape" in each for each in outputs)
    if case.needs not in ("transformers", "sklearn"):
        assert inputs[0]["shape"][-1] == 30


class Payload:
    """Says when it was made from a pickle."""

    woken = 0

    def __reduce__(self) -> Any:
        return _wake, ()


def _wake() -> str:
    Payload.woken += 1
    return "awake"


def test_a_torch_file_with_more_than_tensors_needs_trust(store, tmp_path):
    """What ``weights_only`` refuses is refused, and nothing in it ran; trust loads it."""
    torch = pytest.importorskip("torch")
    torch.save({"weights": torch.ones(2), "payload": Payload()}, tmp_path / "model.pt")
    with epochlog.start_run() as run:
        run.log_model(tmp_path / "model.pt")
    epochlog.flush()
    (model,) = epochlog.get_run(run.id).models

    with pytest.raises(Untrusted, match="trust=True"):
        model.load()
    assert Payload.woken == 0
    assert model.load(trust=True)["payload"] == "awake"


@pytest.mark.parametrize("file", ["pytorch_model.bin", "modeling.py"])
def test_a_folder_with_code_needs_trust(store, tmp_path, file):
    """A folder said to be of transformers with a pickle or a module in it is not loaded as data."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / file).write_bytes(b"x")
    with epochlog.start_run() as run:
        run.log_model(folder, format="transformers", meta={"class": "BertModel", "safe": True})
    epochlog.flush()
    (model,) = epochlog.get_run(run.id).models

    with pytest.raises(Untrusted, match="can execute code"):
        model.load()

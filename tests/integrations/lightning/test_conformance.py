"""Lightning under both of its names keeps what every integration must."""

from __future__ import annotations

import pytest

from epochlog.plugins.testing import IntegrationTestCase

MODEL = """
class Model({pl}LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Linear(3, 2)
    def training_step(self, batch, batch_idx):
        if self.hparams.lr < 0:
            raise ValueError("negative rate")
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("train_loss", loss, on_epoch=True)
        return loss
    def validation_step(self, batch, batch_idx):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))
    def predict_step(self, batch, batch_idx):
        return self.net(batch[0])
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)
def fit(lr):
    torch.manual_seed(1)
    x = torch.linspace(-1, 1, 60).reshape(20, 3)
    data = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(x, (x.sum(1) > 0).long()), batch_size=5
    )
    model = Model(lr)
    callbacks = [{callback}()]
    handed = list(callbacks)
    trainer = {pl}Trainer(
        max_epochs=2, callbacks=callbacks,
        accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )
    returned = trainer.fit(model, data, data)
    states = [model.state_dict(), trainer.optimizers[0].state_dict()]
    return [
        states, trainer.predict(model, data), trainer.global_step, returned, callbacks == handed,
        [type(each).__name__ for each in trainer.callbacks], sorted(vars(trainer)),
        trainer.callback_metrics, [type(each).__name__ for each in trainer.loggers],
        dict(model.hparams), model.net._forward_hooks, sorted(vars(model)),
    ]
"""


def model(package: str, callback: str) -> str:
    """Return the source with the names as they were imported."""
    return MODEL.replace("{pl}", package).replace("{callback}", callback)


@pytest.mark.slow
class TestLightning(IntegrationTestCase):
    """The package lightning."""

    name = "lightning"
    variants = {
        "module": (
            "import lightning, torch" + model("lightning.", "lightning.Callback"),
            "result = fit(0.2)",
        ),
        "from": (
            "import torch\nfrom lightning.pytorch import Callback, LightningModule, Trainer"
            + model("", "Callback"),
            "result = fit(0.2)",
        ),
    }
    failing = "fit(-1)"
    expected_params = {"hparams.lr": 0.2, "optimizer.lr": 0.2, "trainer.max_epochs": 2}
    expected_metrics = ("train/loss", "train/loss_step", "val/loss", "learning_rate")
    pickled = ("lightning.Trainer.fit", "lightning.Trainer.save_checkpoint")


@pytest.mark.slow
class TestPytorchLightning(IntegrationTestCase):
    """The package pytorch_lightning."""

    name = "pytorch_lightning"
    variants = {
        "module": (
            "import pytorch_lightning, torch"
            + model("pytorch_lightning.", "pytorch_lightning.Callback"),
            "result = fit(0.2)",
        ),
    }
    failing = "fit(-1)"
    expected_params = {"hparams.lr": 0.2, "optimizer.lr": 0.2, "trainer.max_epochs": 2}
    expected_metrics = ("train/loss", "train/loss_step", "val/loss", "learning_rate")
    pickled = ("pytorch_lightning.Trainer.fit",)

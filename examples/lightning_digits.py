import epochlog; epochlog.autolog()

import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split
from torchmetrics.classification import MulticlassAccuracy


class Digits(L.LightningDataModule):
    def __init__(self, batch_size=64):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage):
        X, y = load_digits(return_X_y=True)
        data = TensorDataset(torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y))
        split = torch.Generator().manual_seed(0)
        self.train, self.val, self.test = random_split(data, [1200, 300, 297], generator=split)

    def train_dataloader(self):
        return DataLoader(self.train, self.hparams.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.val, 256)

    def test_dataloader(self):
        return DataLoader(self.test, 256)


class Classifier(L.LightningModule):
    def __init__(self, hidden=64, dropout=0.2, lr=3e-3):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(64, hidden),
            torch.nn.ReLU(),
            torch.nn.Dropout(dropout),
            torch.nn.Linear(hidden, 10),
        )
        self.loss = torch.nn.CrossEntropyLoss()
        self.val_acc = MulticlassAccuracy(10, average="micro")
        self.test_acc = MulticlassAccuracy(10, average="micro")

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.loss(self.net(x), y)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self.net(x)
        self.val_acc(logits, y)
        self.log_dict({"val_loss": self.loss(logits, y), "val_acc": self.val_acc})

    def test_step(self, batch, batch_idx):
        x, y = batch
        logits = self.net(x)
        self.test_acc(logits, y)
        self.log_dict({"test_loss": self.loss(logits, y), "test_acc": self.test_acc})

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
        return {"optimizer": optimizer, "lr_scheduler": scheduler, "monitor": "val_loss"}


L.seed_everything(0)
trainer = L.Trainer(
    max_epochs=15,
    gradient_clip_val=1.0,
    log_every_n_steps=10,
    enable_progress_bar=False,
    callbacks=[
        EarlyStopping("val_loss", patience=4),
        ModelCheckpoint(monitor="val_loss", save_top_k=2, save_last=True),
    ],
)
model, digits = Classifier(), Digits()
trainer.fit(model, digits)
trainer.test(model, digits, ckpt_path="best")

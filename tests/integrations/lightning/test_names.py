"""Names given to ``self.log`` become names that all frameworks share."""

from __future__ import annotations

import pytest

from epochlog_lightning.names import CurveNames, canonical, own_curves


@pytest.mark.parametrize(
    ("own", "stage", "expected"),
    [
        ("train_loss", "train", "train/loss"),
        ("loss", "train", "train/loss"),
        ("loss_epoch", "train", "train/loss"),
        ("train_loss_epoch", "train", "train/loss"),
        ("val_loss", "val", "val/loss"),
        ("valid/acc", "val", "val/accuracy"),
        ("validation_MSE", "val", "val/mse"),
        ("Loss/val", "val", "val/loss"),
        ("acc/train", "train", "train/accuracy"),
        ("val_loss/dataloader_idx_1", "val", "val/loss/dataloader_idx_1"),
        ("test.f1_score", "test", "test/f1"),
        ("loss", "test", "test/loss"),
        ("value", "val", "val/value"),
        ("valuation_loss", "train", "train/valuation_loss"),
        ("lr", "train", "lr"),
        ("epoch", "train", "epoch"),
        ("train", "train", "train/train"),
        ("train_", "train", "train/train_"),
        ("my metric (%)", "train", "train/my metric (%)"),
        ("", "train", "train/"),
    ],
)
def test_canonical_names(own: str, stage: str, expected: str) -> None:
    """The split is taken from either end of the name, else from where it was logged."""
    assert canonical(own, stage) == expected


def test_values_of_a_step_keep_apart_from_those_of_an_epoch() -> None:
    """What Lightning calls _step stays a curve of its own, next to the epoch's mean."""
    assert canonical("train_loss_step", "train", per_epoch=False) == "train/loss_step"
    assert canonical("acc_step", "train", per_epoch=False) == "train/accuracy_step"
    assert canonical("time_step", "train", per_epoch=True) == "train/time_step"


def test_lightnings_second_entry_is_no_curve() -> None:
    """Of x and x_step, or x and x_epoch, only the one with the suffix is a curve."""
    assert own_curves(["a", "a_step", "b"], per_epoch=False) == ["a_step", "b"]
    assert own_curves(["a", "a_epoch", "b"], per_epoch=True) == ["a_epoch", "b"]
    pair = ["a/dataloader_idx_0", "a_epoch/dataloader_idx_0"]
    assert own_curves(pair, per_epoch=True) == pair[1:]
    assert own_curves(["lr-SGD", "a"], per_epoch=True) == ["a"]


def test_two_names_never_share_a_curve() -> None:
    """acc and accuracy in one stage are two curves, each always the same."""
    names = CurveNames()

    first = names.key("acc", "val", per_epoch=True)
    second = names.key("accuracy", "val", per_epoch=True)
    step = names.key("val_accuracy", "val", per_epoch=True)

    assert first == "val/accuracy"
    assert len({first, second, step}) == 3
    assert names.key("accuracy", "val", per_epoch=True) == second
    assert names.new_aliases[first] == "acc"

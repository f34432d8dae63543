"""What a training leaves: checkpoints with their rotation, the final model, data sets."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import epochlog


def weights(model: Any) -> list[Any]:
    """Return all weights as arrays."""
    return [value.detach().numpy() for value in model.state_dict().values()]


def equal(one: Any, two: Any) -> bool:
    """Return whether two models have the same weights, bit by bit."""
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))


def test_checkpoints_follow_the_trainers_rotation(on: None, make: Any, stored: Any) -> None:
    """Each checkpoint is recorded, the removed ones as removed; best and last are aliases."""
    trainer = make(
        num_train_epochs=4,
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="loss",
    )
    trainer.train()
    (run,) = stored()

    kept = sorted(Path(trainer.args.output_dir).glob("checkpoint-*"))
    live = [each for each in run.checkpoints if each.state == "live"]
    assert sorted({each.step for each in run.checkpoints}) == [4, 8, 12, 16]
    assert sorted(each.path for each in live) == kept
    assert {alias: each.step for each in live for alias in each.aliases} == {
        "best": float(trainer.state.best_model_checkpoint.rpartition("-")[2]),
        "last": 16,
    }
    assert "model.safetensors" in live[0].files
    assert "optimizer.pt" in live[0].files
    assert live[0].meta["epoch"] == live[0].step / 4


def test_a_second_training_does_not_change_the_first_ones_checkpoint(
    on: None, make: Any, stored: Any
) -> None:
    """A Trainer with the same folder writes into the very files of an earlier checkpoint."""
    make(save_strategy="epoch", num_train_epochs=1).train()
    (first,) = stored()
    before = first.checkpoints[-1].read_bytes("model.safetensors")
    make(save_strategy="epoch", num_train_epochs=1, learning_rate=0.1).train()
    first, second = stored()

    assert first.checkpoints[-1].read_bytes("model.safetensors") == before
    assert second.checkpoints[-1].read_bytes("model.safetensors") != before


@pytest.mark.parametrize("options", [{"checkpoints": False}, {"checkpoint_bytes_max": 10}])
def test_checkpoints_by_path_only(make: Any, stored: Any, options: dict[str, Any]) -> None:
    """Switched off, or too large, checkpoints are recorded as places, and the run says so once."""
    epochlog.autolog("transformers", hardware=False, options={"transformers": options})
    trainer = make(save_strategy="epoch")
    trainer.train()
    (run,) = stored()

    found = [each for each in run.artifacts if each.state != "deleted"]
    assert [each.path.name for each in found if each.name == "checkpoint"] == [
        "checkpoint-4",
        "checkpoint-8",
    ]
    assert not any(each.files for each in found if each.name == "checkpoint")
    assert len([each for each in run.notices if "only the path" in each.text]) == 1


def test_the_final_model_loads_back(
    on: None, make: Any, stored: Any, tmp_path: Path, tokenizer: Any
) -> None:
    """The model is a folder in a safe format that from_pretrained loads, with its tokenizer."""
    trainer = make(processing_class=tokenizer)
    trainer.train()
    (run,) = stored()

    (model,) = run.models
    folder = model.download(tmp_path / "back")
    loaded = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    again = transformers.AutoTokenizer.from_pretrained(folder)
    assert equal(loaded, trainer.model)
    assert again("the wine data")["input_ids"] == tokenizer("the wine data")["input_ids"]
    assert {"model.safetensors", "config.json"} <= set(model.files)
    assert model.meta["safetensors"] is True
    assert run.params["tokenizer.vocab_size"] == tokenizer.vocab_size
    assert run.params["tokenizer.special_tokens.pad_token"] == "[PAD]"


def test_tied_weights_load_back(on: None, make: Any, stored: Any, tmp_path: Path) -> None:
    """A language model shares weights between input and output; it is stored and loads back."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=200, n_positions=16, n_embd=16, n_layer=1, n_head=2, bos_token_id=0,
        eos_token_id=0,
    )  # fmt: skip
    model = transformers.GPT2LMHeadModel(config)
    ids = list(range(2, 18))
    data = [{"input_ids": ids, "labels": ids}] * 8
    trainer = make(
        model=model, max_steps=2, train_dataset=data, eval_dataset=data, eval_strategy="no"
    )
    trainer.train()
    (run,) = stored()

    folder = run.models[0].download(tmp_path / "back")
    assert equal(transformers.AutoModelForCausalLM.from_pretrained(folder), model)


def test_storing_the_model_leaves_it_as_it_was(on: None, make: Any, stored: Any) -> None:
    """`save_pretrained` writes into a model's configuration; ours must not."""
    trainer = make(max_steps=1, eval_strategy="no")
    trainer.train()
    epochlog.uninstrument()
    plain = make(max_steps=1, eval_strategy="no")
    plain.train()
    (run,) = stored()

    assert run.models
    assert vars(trainer.model.config) == vars(plain.model.config)
    assert vars(trainer.model).keys() == vars(plain.model).keys()
    assert equal(trainer.model, plain.model)


def test_a_model_of_ones_own(on: None, make: Any, stored: Any) -> None:
    """A plain torch module is trained and stored, too: it has no configuration."""

    class Own(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.nn.Embedding(200, 4)
            self.out = torch.nn.Linear(4, 2)

        def forward(self, input_ids: Any, labels: Any = None, attention_mask: Any = None) -> Any:
            logits = self.out(self.table(input_ids).mean(1))
            return torch.nn.functional.cross_entropy(logits, labels), logits

    make(model=Own(), max_steps=2).train()
    (run,) = stored()

    assert run.params["model_class"] == "Own"
    assert run.params["model.parameters"] == 810
    assert len(run.models) == 1


def test_a_model_in_pieces_is_not_stored(on: None, make: Any, stored: Any) -> None:
    """One process can't store what is spread over many without waiting for them; the run says so."""
    trainer = make(max_steps=1, eval_strategy="no")
    next(trainer.model.parameters()).ds_id = 1  # as DeepSpeed marks parameters
    trainer.train()
    (run,) = stored()

    assert list(run.models) == []
    assert "spread over processes" in run.notices[0].text


def test_no_model_by_option(make: Any, stored: Any) -> None:
    """Models and data sets can be switched off."""
    options = {"transformers": {"models": False, "datasets": False}}
    epochlog.autolog("transformers", hardware=False, options=options)
    make(max_steps=1).train()
    (run,) = stored()

    assert (list(run.models), list(run.datasets)) == ([], [])


def test_data_sets(on: None, make: Any, stored: Any) -> None:
    """Lists are fingerprinted; a class of the user's says what it is and how long."""
    data = list(make().eval_dataset.rows)
    make(max_steps=1, train_dataset=data).train()
    (run,) = stored()

    sets = {each.role: each for each in run.datasets}
    assert sets["train"].digest
    assert sets["validation"].digest == ""
    assert sets["validation"].meta["class"].endswith("Sentences")


def test_several_data_sets_have_their_names(on: None, make: Any, stored: Any) -> None:
    """A dictionary of evaluation sets gives each its own name."""
    data = list(make().eval_dataset.rows)
    trainer = make(eval_dataset={"one": data, "two": data[:4]}, num_train_epochs=1)
    trainer.train()
    trainer.evaluate({"three": data[:2]})
    (run,) = stored()

    names = [each.name for each in run.datasets]
    assert sorted(names) == ["one", "three", "train", "two"]


@pytest.mark.skipif(importlib.util.find_spec("datasets") is None, reason="datasets not installed")
def test_arrow_data_sets(on: None, make: Any, stored: Any) -> None:
    """A ``datasets.Dataset`` brings its own fingerprint."""
    import datasets

    data = datasets.Dataset.from_list(list(make().eval_dataset.rows))
    make(max_steps=1, train_dataset=data).train()
    (run,) = stored()

    train = next(each for each in run.datasets if each.role == "train")
    assert train.meta["fingerprint"] == data._fingerprint
    assert train.meta["rows"] == len(data)

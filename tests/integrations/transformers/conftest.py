"""A tiny BERT, a tiny GPT-2 and a tokenizer made from scikit-learn's own texts: no network."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import pytest
import torch
import transformers
from sklearn import datasets
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import WordLevelTrainer

import epochlog

torch.set_num_threads(1)


@functools.cache
def sentences() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return sentences of two of scikit-learn's data set descriptions, and which they are from."""
    texts, labels = [], []
    for label, load in enumerate((datasets.load_wine, datasets.load_diabetes)):
        found = re.split(r"[.\n]+", load().DESCR)
        found = [part.strip() for part in found if len(part.split()) > 3][:24]
        texts += found
        labels += [label] * len(found)
    return tuple(texts), tuple(labels)


def make_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """Return a word tokenizer trained on the sentences."""
    inner = Tokenizer(WordLevel(unk_token="[UNK]"))
    inner.pre_tokenizer = Whitespace()
    special = ["[PAD]", "[UNK]"]
    inner.train_from_iterator(
        sentences()[0], WordLevelTrainer(vocab_size=200, special_tokens=special)
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    )


class Sentences(torch.utils.data.Dataset):
    """A data set class as users write it."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]


@functools.cache
def rows() -> tuple[dict[str, Any], ...]:
    """Return encoded sentences with labels, in a fixed mixed order."""
    texts, labels = sentences()
    encoded = make_tokenizer()(list(texts), truncation=True, padding="max_length", max_length=16)
    found = [
        {"input_ids": ids, "attention_mask": mask, "labels": label}
        for ids, mask, label in zip(
            encoded["input_ids"], encoded["attention_mask"], labels, strict=True
        )
    ]
    return tuple(found[::2] + found[1::2])


def make_model(**more: Any) -> transformers.PreTrainedModel:
    """Return a freshly initialised tiny BERT, always the same."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=200,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        **more,
    )
    return transformers.BertForSequenceClassification(config)


def accuracy(prediction: Any) -> dict[str, float]:
    """Return the share of right predictions."""
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}


@pytest.fixture
def make(tmp_path: Any) -> Callable[..., Any]:
    """Return a function that makes a Trainer on tiny data, with arguments of its own on request."""

    def build(
        cls: Any = None, model: Any = None, callbacks: Any = None, **arguments: Any
    ) -> transformers.Trainer:
        data = rows()
        given = {
            "output_dir": str(tmp_path / "out"),
            "per_device_train_batch_size": 8,
            "per_device_eval_batch_size": 16,
            "num_train_epochs": 2,
            "logging_steps": 2,
            "eval_strategy": "epoch",
            "save_strategy": "no",
            "report_to": [],
            "disable_tqdm": True,
            "use_cpu": True,
            "seed": 3,
            "learning_rate": 1e-3,
            **arguments,
        }
        arguments_class = given.pop("args_class", "TrainingArguments")
        own = {
            key: given.pop(key)
            for key in ("train_dataset", "eval_dataset", "model_init", "processing_class")
            if key in given
        }
        if "model_init" not in own:
            own["model"] = make_model() if model is None else model
        return (cls or transformers.Trainer)(
            args=getattr(transformers, arguments_class)(**given),
            callbacks=callbacks,
            compute_metrics=accuracy,
            **{
                "train_dataset": Sentences(list(data[:32])),
                "eval_dataset": Sentences(list(data[32:])),
                **own,
            },
        )

    build.model = make_model  # type: ignore[attr-defined]
    return build


@pytest.fixture(scope="session")
def tokenizer() -> transformers.PreTrainedTokenizerFast:
    """Return a word tokenizer."""
    return make_tokenizer()


@pytest.fixture
def on() -> None:
    """Record Transformers alone."""
    epochlog.autolog("transformers", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: all runs, oldest first."""

    def read(**filters: Any) -> list[Any]:
        epochlog.flush()
        if not Path(os.environ["EPOCHLOG_STORE"], "epochlog.db").exists():
            return []
        return list(epochlog.runs(order_by="started", **filters))

    return read


@pytest.fixture
def history() -> Callable[..., Any]:
    """Return a function that reads a curve out of a Trainer's own history."""

    def read(trainer: Any, own: str) -> Any:
        found = [each for each in trainer.state.log_history if own in each]
        return SimpleNamespace(
            steps=[each["step"] for each in found],
            values=[each[own] for each in found],
            epochs=[each["epoch"] for each in found],
        )

    return read

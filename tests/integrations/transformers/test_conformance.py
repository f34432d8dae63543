"""The published suite on a tiny BERT whose random numbers would show any interference."""

from __future__ import annotations

import pytest

from epochlog.plugins.testing import IntegrationTestCase

IMPORTS = """
import os
os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import torch
torch.set_num_threads(1)
"""

TRAINING = """
torch.manual_seed(0)
config = {lib}BertConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=8, max_position_embeddings=16)
data = [dict(input_ids=[(i * k) % 50 for k in range(1, 9)], labels=i % 2) for i in range(24)]
class Mine({lib}TrainerCallback):
    pass
callbacks = [Mine()]
handed = list(callbacks)
fields = {lib}TrainingArguments.__dataclass_fields__
named = dict(logging_dir="logs") if "logging_dir" in fields else dict()  # has the time in its name
args = {lib}TrainingArguments(output_dir="out", num_train_epochs=2, logging_steps=1,
    per_device_train_batch_size=8, eval_strategy="epoch", save_strategy="no", report_to=[],
    disable_tqdm=True, use_cpu=True, learning_rate={rate}, **named)
trainer = {lib}Trainer({lib}BertForSequenceClassification(config), args,
    train_dataset=data[:16], eval_dataset=data[16:], callbacks=callbacks)
own = [type(each).__name__ for each in trainer.callback_handler.callbacks]
returned = trainer.train()
result = [value.detach().numpy() for value in trainer.model.state_dict().values()]
result += [torch.get_rng_state().numpy(), trainer.evaluate()["eval_loss"]]
result += [trainer.predict(data[:4]).predictions, callbacks == handed, type(returned).__name__]
result += [own, [type(each).__name__ for each in trainer.callback_handler.callbacks]]
result += [trainer.model._forward_hooks, sorted(vars(trainer)), args.report_to]
"""


@pytest.mark.slow
class TestTransformers(IntegrationTestCase):
    """Trainer.train with evaluations inside and after."""

    name = "transformers"
    variants = {
        "module": (
            IMPORTS + "import transformers",
            TRAINING.format(lib="transformers.", rate=1e-3),
        ),
        "from": (
            IMPORTS
            + "from transformers import BertConfig, BertForSequenceClassification, Trainer\n"
            + "from transformers import TrainerCallback, TrainingArguments",
            TRAINING.format(lib="", rate=1e-3),
        ),
    }
    failing = TRAINING.format(lib="transformers.", rate="'fast'")
    expected_params = {
        "args.learning_rate": 1e-3,
        "model_config.hidden_size": 8,
        "model_class": "BertForSequenceClassification",
    }
    expected_metrics = ("train/loss", "val/loss", "learning_rate", "gradient_norm")
    pickled = ("transformers.Trainer.train", "transformers.Trainer.evaluate")

import epochlog; epochlog.autolog()

# Which data set does a sentence describe? A small BERT learns it from scikit-learn's own descriptions.
import re
import tempfile

import torch
from sklearn import datasets
from sklearn.model_selection import train_test_split
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    EarlyStoppingCallback,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
)

torch.set_num_threads(1)
torch.manual_seed(0)
sources = [datasets.load_wine, datasets.load_diabetes, datasets.load_breast_cancer]
texts, labels = [], []
for label, load in enumerate(sources):
    for line in re.split(r"[.\n]+", load().DESCR):
        if len(line.split()) > 2:
            texts.append(line.strip()); labels.append(label)

words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
words.train_from_iterator(texts, trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"]))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32)


def encode(some_texts, some_labels):
    return [dict(tokenizer(t, truncation=True), labels=y) for t, y in zip(some_texts, some_labels)]


fit_x, test_x, fit_y, test_y = train_test_split(texts, labels, test_size=0.2, stratify=labels, random_state=0)
fit_x, val_x, fit_y, val_y = train_test_split(fit_x, fit_y, test_size=0.2, stratify=fit_y, random_state=0)

config = BertConfig(
    vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
    max_position_embeddings=32, num_labels=len(sources),
)
with tempfile.TemporaryDirectory() as folder:
    trainer = Trainer(
        model=BertForSequenceClassification(config),
        args=TrainingArguments(
            output_dir=folder, num_train_epochs=8, learning_rate=5e-3, per_device_train_batch_size=16,
            logging_steps=5, eval_strategy="epoch", save_strategy="epoch", save_total_limit=2,
            load_best_model_at_end=True, metric_for_best_model="accuracy", dataloader_pin_memory=False, report_to=[],
            disable_tqdm=True,
        ),
        train_dataset=encode(fit_x, fit_y),
        eval_dataset=encode(val_x, val_y),
        processing_class=tokenizer,
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())},
        callbacks=[EarlyStoppingCallback(4)],
    )
    trainer.train()
    print(trainer.predict(encode(test_x, test_y)).metrics)

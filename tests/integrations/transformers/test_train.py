"""One training: curves with their x values, parameters, endings, and evaluations around it."""

from __future__ import annotations

from typing import Any

import pytest
import transformers

import epochlog

CURVES = {
    "train/loss": "loss",
    "gradient_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "val/loss": "eval_loss",
    "val/accuracy": "eval_accuracy",
    "val/runtime": "eval_runtime",
}


def texts(run: Any) -> dict[str, str]:
    """Return the logged texts by name."""
    return {each.key: each.text for each in run.texts}


def test_curves_are_the_trainers_history(on: None, make: Any, stored: Any, history: Any) -> None:
    """Every curve has the values, the steps and the epochs of the Trainer's own log history."""
    trainer = make()
    trainer.train()
    (run,) = stored()

    assert run.status == "completed"
    for key, own in CURVES.items():
        theirs = history(trainer, own)
        mine = run.series(key)
        assert list(mine.steps) == theirs.steps, key
        assert list(mine.values) == pytest.approx(theirs.values, abs=0), key
        assert list(mine.epochs) == theirs.epochs, key
    assert run.series("eval_loss").key == "val/loss"


def test_the_mean_loss_is_no_point_of_the_curve(on: None, make: Any, stored: Any) -> None:
    """The final ``train_loss`` and speeds stand beside the curve, once."""
    result = make(disable_tqdm=False).train()
    (run,) = stored()

    assert run.metrics["train/loss.mean"].count == 1
    assert run.metrics["train/loss.mean"].last == result.training_loss
    assert run.metrics["train/runtime"].last == result.metrics["train_runtime"]
    assert run.metrics["total_flos"].last == result.metrics["total_flos"]
    assert run.metrics["train/loss"].count == 4


def test_effective_parameters(on: None, make: Any, stored: Any) -> None:
    """Arguments, model configuration, sizes, optimizer and scheduler are recorded as in effect."""
    model = make().model
    trainer = make(model=model, warmup_steps=2, gradient_accumulation_steps=2)
    trainer.train()
    (run,) = stored()
    params = run.params

    theirs = trainer.args.to_dict()
    for name in ("learning_rate", "num_train_epochs", "weight_decay", "seed", "warmup_steps"):
        assert params[f"args.{name}"] == theirs[name]
    assert params["args.lr_scheduler_type"] == "linear"
    assert len([name for name in params if name.startswith("args.")]) > 80
    assert params["model_class"] == "BertForSequenceClassification"
    assert params["model_config.hidden_size"] == 16
    assert params["model.parameters"] == sum(p.numel() for p in model.parameters())
    assert params["optimizer.class"] == "AdamW"
    assert params["scheduler.class"] == "LambdaLR"
    assert params["total_train_batch_size"] == 16
    assert params["max_steps"] == trainer.state.max_steps == 4
    assert params["train_loader.shuffle"] is True
    assert params["trainer_class"] == "transformers.trainer.Trainer"
    assert params["compute_metrics"] == "accuracy"
    assert "BertLayer" in texts(run)["model/summary"]


def test_no_token_is_recorded(on: None, make: Any, stored: Any) -> None:
    """Hub tokens are neither kept nor hinted at."""
    make(hub_token="hf_verysecret", max_steps=1).train()
    (run,) = stored()

    assert not [name for name in run.params if name.endswith("token")]
    assert "verysecret" not in str(dict(run.params))
    assert "args.include_num_input_tokens_seen" in run.params


def test_positional_arguments(on: None, make: Any, stored: Any) -> None:
    """What is passed to train by position is recorded under its name."""
    make(max_steps=1).train(None, None, ["hidden_states"])
    (run,) = stored()

    assert run.params["fit.ignore_keys_for_eval"] == ["hidden_states"]


def test_a_trainer_made_before(make: Any, stored: Any) -> None:
    """A Trainer that existed before ``autolog()`` is recorded, too."""
    trainer = make(max_steps=2)
    epochlog.autolog("transformers", hardware=False)
    trainer.train()
    (run,) = stored()

    assert run.metrics["train/loss"].count == 1


def test_training_twice(on: None, make: Any, stored: Any) -> None:
    """A second train of one Trainer is a run of its own with everything in it."""
    trainer = make()
    trainer.train()
    trainer.train()
    first, second = stored()

    assert [run.metrics["train/loss"].count for run in (first, second)] == [4, 4]
    assert dict(first.params).keys() <= dict(second.params).keys()
    assert list(second.series("val/loss").steps) == [4, 8]


def test_two_trainings_in_one_run(on: None, make: Any, stored: Any) -> None:
    """In the user's run the first training is that run, the second its child."""
    with epochlog.start_run(name="mine"):
        make(max_steps=2).train()
        make(max_steps=4).train()
    mine, child = stored()

    assert mine.name == "mine"
    assert mine.params["args.max_steps"] == 2
    assert child.parent == mine
    assert child.params["args.max_steps"] == 4


def test_evaluations_after_training_are_no_points_of_the_curve(
    on: None, make: Any, stored: Any
) -> None:
    """`evaluate` and `predict` after a training go into its run; the curve keeps its points."""
    trainer = make()
    trainer.train()
    after = trainer.evaluate()
    test = trainer.predict(trainer.eval_dataset).metrics
    (run,) = stored()

    assert run.metrics["val/loss"].count == 2
    assert run.metrics["val/loss", "after training"].last == after["eval_loss"]
    assert run.metrics["test/accuracy"].last == test["test_accuracy"]
    assert list(run.series("test/loss").steps) == [8]
    assert {each.role for each in run.datasets} == {"train", "validation", "test"}


def test_evaluation_after_a_training_without_any(on: None, make: Any, stored: Any) -> None:
    """When training did not evaluate, a later evaluation is the only point of its curve."""
    trainer = make(eval_strategy="no", max_steps=2)
    trainer.train()
    result = trainer.evaluate()
    (run,) = stored()

    assert run.metrics["val/accuracy"].last == result["eval_accuracy"]
    assert run.metrics["val/accuracy"].count == 1


def test_evaluation_alone(on: None, make: Any, stored: Any) -> None:
    """Without a training, evaluate and predict are runs of kind eval."""
    trainer = make()
    result = trainer.evaluate()
    trainer.predict(trainer.eval_dataset)
    first, second = stored()

    assert (first.kind, second.kind) == ("eval", "eval")
    assert first.metrics["val/loss"].last == result["eval_loss"]
    assert first.params["model_class"] == "BertForSequenceClassification"
    assert second.metrics["test/loss"].last == result["eval_loss"]


def test_evaluation_in_another_run_of_the_user(on: None, make: Any, stored: Any) -> None:
    """An evaluation in a run that was opened since belongs there."""
    trainer = make(max_steps=2, eval_strategy="no")
    trainer.train()
    with epochlog.start_run(name="later"):
        trainer.evaluate()
    training, later = stored()

    assert "val/loss" not in training.metrics
    assert later.metrics["val/loss"].count == 1


def test_several_evaluation_sets(on: None, make: Any, stored: Any, history: Any) -> None:
    """Each set of a dictionary has its own curves, and training data don't mix with the loss."""
    data = make().eval_dataset
    trainer = make(eval_dataset={"news": data, "train": data}, metric_for_best_model="news_loss")
    trainer.train()
    (run,) = stored()

    assert list(run.series("news/loss").values) == history(trainer, "eval_news_loss").values
    assert list(run.series("train_eval/loss").values) == history(trainer, "eval_train_loss").values
    assert list(run.series("train/loss").values) == history(trainer, "loss").values
    assert run.metrics["best/news/loss"].last == min(history(trainer, "eval_news_loss").values)


def test_early_stopping(on: None, make: Any, stored: Any, history: Any) -> None:
    """The best evaluation is the argmax of the curve; stopping early is said."""
    trainer = make(
        num_train_epochs=9,
        learning_rate=5e-2,
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        callbacks=[transformers.EarlyStoppingCallback(2, 0.001)],
    )
    trainer.train()
    (run,) = stored()

    theirs = history(trainer, "eval_accuracy")
    best = theirs.values.index(max(theirs.values))
    assert run.params["stopped_early"] is True
    assert run.params["early_stopping.patience"] == 2
    assert run.params["early_stopping.threshold"] == 0.001
    assert run.metrics["best/val/accuracy"].last == max(theirs.values)
    assert run.metrics["best_iteration"].last == theirs.steps[best]
    assert run.metrics["best_epoch"].last == theirs.epochs[best]
    assert run.metrics["stopped_iteration"].last == theirs.steps[-1]
    assert run.params["best_model_checkpoint"].endswith(f"checkpoint-{theirs.steps[best]}")


def test_resuming(on: None, make: Any, stored: Any) -> None:
    """A resumed training is a run whose x values go on where the checkpoint was."""
    make(save_strategy="epoch", num_train_epochs=1).train()
    trainer = make(save_strategy="epoch", num_train_epochs=3)
    trainer.train(resume_from_checkpoint=True)
    first, second = stored()

    assert list(first.series("train/loss").steps) == [2, 4]
    assert list(second.series("train/loss").steps) == [6, 8, 10, 12]
    assert list(second.series("val/loss").epochs) == [2, 3]
    assert second.params["fit.resume_from_checkpoint"] is True


def test_odd_names_and_values(on: None, make: Any, stored: Any) -> None:
    """Metrics with odd names are curves under them, what is no number is kept as text."""

    class Talkative(transformers.TrainerCallback):
        def on_evaluate(self, args, state, control, metrics, **kwargs):
            metrics["eval_später gesetzt"] = 0.5

    trainer = make(max_steps=2, eval_strategy="steps", eval_steps=2, callbacks=[Talkative()])
    trainer.compute_metrics = lambda _: {"ümläut/% x": 0.25, "confusion": [[1, 2], [3, 4]]}
    trainer.train()
    trainer.log({"mine": 3, "rewards/chosen": 1.5, "note": "text"})
    (run,) = stored()

    assert run.metrics["val/ümläut/% x"].last == 0.25
    assert texts(run)["eval_confusion"] == "[[1, 2], [3, 4]]"


def test_extra_logs_during_training(on: None, make: Any, stored: Any) -> None:
    """What a subclass logs beside the loss are curves of the training."""

    class Chatty(transformers.Trainer):
        def log(self, logs, *args, **kwargs):
            super().log({**logs, "entropy": 0.5, "rewards/chosen": 1.5}, *args, **kwargs)

    make(Chatty, max_steps=2).train()
    (run,) = stored()

    assert run.metrics["train/entropy"].last == 0.5
    assert run.metrics["rewards/chosen"].last == 1.5
    assert run.params["trainer_class"].endswith("Chatty")


def test_histograms(make: Any, stored: Any) -> None:
    """By option, weights and gradients are recorded as histograms every n steps."""
    epochlog.autolog(
        "transformers", hardware=False, options={"transformers": {"histograms_every": 3}}
    )
    make(max_steps=6, eval_strategy="no").train()
    (run,) = stored()

    found = [plot for plot in run.plots if plot.key == "gradients/classifier.weight"]
    assert sorted(plot.step for plot in found) == [3, 6]
    assert sum(found[0].data["counts"]) == 32
    assert any(plot.key == "weights/classifier.weight" for plot in run.plots)


def test_a_callback_that_takes_logs_away(on: None, make: Any, stored: Any) -> None:
    """The usual printer removes ``total_flos`` from the logs; the record has it."""
    trainer = make(max_steps=1, disable_tqdm=True)
    trainer.train()
    (run,) = stored()

    assert run.metrics["total_flos"].count == 1


def test_of_many_processes_only_the_first_records(on: None, make: Any, stored: Any) -> None:
    """A process that is not number zero of the world records nothing."""

    class Second(transformers.Trainer):
        def is_world_process_zero(self) -> bool:
            return False

    trainer = make(Second, max_steps=1)
    trainer.train()
    trainer.evaluate()

    assert stored() == []


def test_seq2seq_trainer(on: None, make: Any, stored: Any) -> None:
    """The Trainer for sequence-to-sequence models is a subclass and is recorded like it."""
    args = {"max_steps": 2, "eval_strategy": "steps", "eval_steps": 1}
    trainer = make(transformers.Seq2SeqTrainer, args_class="Seq2SeqTrainingArguments", **args)
    trainer.train()
    trainer.predict(trainer.eval_dataset, metric_key_prefix="held_out")
    (run,) = stored()

    assert list(run.series("val/loss").steps) == [1, 2]
    assert run.metrics["held_out/accuracy"].count == 1
    assert run.params["args.predict_with_generate"] is False

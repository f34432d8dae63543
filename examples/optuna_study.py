import epochlog; epochlog.autolog()

import optuna
from lightgbm import LGBMClassifier, early_stopping
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

optuna.logging.set_verbosity(optuna.logging.WARNING)
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)


def objective(trial):
    model = LGBMClassifier(
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        num_leaves=trial.suggest_int("num_leaves", 4, 32),
        min_child_samples=trial.suggest_int("min_child_samples", 5, 50),
        boosting_type=trial.suggest_categorical("boosting_type", ["gbdt", "dart"]),
        n_estimators=60,
        verbose=-1,
        n_jobs=1,
    )

    def report(env):
        trial.report(env.evaluation_result_list[0][2], env.iteration)
        if trial.should_prune():
            raise optuna.TrialPruned(f"after {env.iteration + 1} rounds")

    model.fit(
        X_train,
        y_train,
        eval_set=[(X_test, y_test)],
        callbacks=[report, early_stopping(10, verbose=False)]
        if model.boosting_type == "gbdt"
        else [report],
    )
    trial.set_user_attr("rounds", model.booster_.current_iteration())
    return log_loss(y_test, model.predict_proba(X_test))


study = optuna.create_study(
    study_name="breast cancer",
    sampler=optuna.samplers.TPESampler(seed=1),
    pruner=optuna.pruners.MedianPruner(n_warmup_steps=5),
)
study.optimize(objective, n_trials=12)
print(f"best of {len(study.trials)} trials: {study.best_value:.4f} with {study.best_params}")

"""Classify breast cancer data with LightGBM, watching two data sets and stopping early."""

import epochlog

epochlog.autolog()

import lightgbm as lgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

cancer = load_breast_cancer()
X_train, X_val, y_train, y_val = train_test_split(
    cancer.data, cancer.target, test_size=0.3, random_state=0
)

train = lgb.Dataset(X_train, y_train, feature_name=list(cancer.feature_names))
val = lgb.Dataset(X_val, y_val, reference=train)
booster = lgb.train(
    {
        "objective": "binary",
        "metric": ["binary_logloss", "auc"],
        "learning_rate": 0.05,
        "verbosity": -1,
    },
    train,
    num_boost_round=300,
    valid_sets=[train, val],
    valid_names=["train", "val"],
    callbacks=[lgb.early_stopping(20, verbose=False)],
)
print(f"best iteration: {booster.best_iteration} of {booster.current_iteration()}")
print(f"AUC on validation data: {booster.best_score['val']['auc']:.4f}")

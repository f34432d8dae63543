import epochlog; epochlog.autolog()

import lightgbm as lgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=0)
train = lgb.Dataset(X_train, y_train)
valid = lgb.Dataset(X_valid, y_valid, reference=train)

params = {
    "objective": "binary",
    "metric": ["auc", "binary_logloss"],
    "learning_rate": 0.05,
    "verbose": -1,
}
booster = lgb.train(
    params,
    train,
    num_boost_round=500,
    valid_sets=[train, valid],
    callbacks=[lgb.early_stopping(20, verbose=False)],
)
print(f"best iteration {booster.best_iteration}, AUC {booster.best_score['valid_1']['auc']:.4f}")

# The same by cross-validation: one run with a child for each fold.
results = lgb.cv(params, lgb.Dataset(X, y), num_boost_round=50, nfold=4, seed=0)
print(f"cross-validated AUC {results['valid auc-mean'][-1]:.4f}")

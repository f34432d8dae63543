import epochlog; epochlog.autolog()

import xgboost as xgb
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=0)
train, valid = xgb.DMatrix(X_train, label=y_train), xgb.DMatrix(X_valid, label=y_valid)

params = {
    "objective": "binary:logistic",
    "eval_metric": ["auc", "logloss"],
    "max_depth": 3,
    "nthread": 1,
}
booster = xgb.train(
    params,
    train,
    num_boost_round=500,
    evals=[(train, "train"), (valid, "eval")],
    callbacks=[
        xgb.callback.LearningRateScheduler(lambda i: 0.2 * 0.99**i),
        xgb.callback.EarlyStopping(rounds=20),
    ],
    verbose_eval=False,
)
print(f"best iteration {booster.best_iteration}, loss {booster.best_score:.4f}")

# The same by cross-validation: one run with a child for each fold.
results = xgb.cv(params, xgb.DMatrix(X, label=y), num_boost_round=50, nfold=4, seed=0)
print(f"cross-validated AUC {results['test-auc-mean'].iloc[-1]:.4f}")

import epochlog; epochlog.autolog()

import catboost
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True, as_frame=True)
pool = catboost.Pool(X, y)
params = {"loss_function": "RMSE", "custom_metric": ["MAE", "R2"], "depth": 4, "random_seed": 0}

# Mean and deviation are curves of one run, every fold is a run of its own below it.
table = catboost.cv(
    pool,
    {**params, "iterations": 200, "logging_level": "Silent"},
    fold_count=4,
    partition_random_seed=0,
    early_stopping_rounds=20,
)
best = int(table["test-RMSE-mean"].idxmin())
print(f"{len(table)} iterations, error {table['test-RMSE-mean'][best]:.2f} at {best}")

model = catboost.train(pool, {**params, "iterations": best + 1, "logging_level": "Silent"})
print(f"{model.tree_count_} trees")

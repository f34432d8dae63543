import epochlog; epochlog.autolog()

import lightgbm as lgb
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True)
train = lgb.Dataset(X[:300], y[:300])
valid = lgb.Dataset(X[300:], y[300:], reference=train)

booster = lgb.Booster({"objective": "regression", "metric": "l2", "verbose": -1}, train)
booster.add_valid(valid, "valid")
for iteration in range(60):
    booster.reset_parameter({"learning_rate": 0.2 * 0.97**iteration})
    booster.update()
    booster.eval_train()
    ((_, _, loss, _),) = booster.eval_valid()
print(f"l2 on the validation set {loss:.1f}")

import epochlog; epochlog.autolog()

import xgboost as xgb
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True)
train, valid = xgb.DMatrix(X[:300], label=y[:300]), xgb.DMatrix(X[300:], label=y[300:])

booster = xgb.Booster({"objective": "reg:squarederror", "nthread": 1}, [train, valid])
for iteration in range(40):
    booster.set_param("learning_rate", 0.2 * 0.97**iteration)
    booster.update(train, iteration)
    line = booster.eval_set([(train, "train"), (valid, "valid")], iteration)
print(line)

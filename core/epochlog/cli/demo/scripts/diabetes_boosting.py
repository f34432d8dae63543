"""Predict the course of diabetes with histogram gradient boosting that stops early."""

import epochlog

epochlog.autolog()

from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

model = HistGradientBoostingRegressor(
    learning_rate=0.05, max_iter=150, early_stopping=True, n_iter_no_change=15, random_state=0
)
model.fit(X_train, y_train)
print(f"R² on test data: {model.score(X_test, y_test):.3f}")
print(f"mean absolute error on test data: {mean_absolute_error(y_test, model.predict(X_test)):.1f}")

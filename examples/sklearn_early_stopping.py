import epochlog; epochlog.autolog()

from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

models = [
    GradientBoostingRegressor(n_estimators=300, n_iter_no_change=10, random_state=0),
    HistGradientBoostingRegressor(
        max_iter=300, learning_rate=0.05, early_stopping=True, n_iter_no_change=15, random_state=0
    ),
    make_pipeline(
        StandardScaler(),
        MLPRegressor(
            hidden_layer_sizes=(32,), early_stopping=True, max_iter=400, learning_rate_init=0.02
        ),
    ),
]
for model in models:
    model.fit(X_train, y_train)
    predicted = model.predict(X_test)
    print(type(model).__name__, "R2", model.score(X_test, y_test))
    print("  MAE", mean_absolute_error(y_test, predicted))
    print("  RMSE", root_mean_squared_error(y_test, predicted))

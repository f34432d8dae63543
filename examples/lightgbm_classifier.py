import epochlog; epochlog.autolog()

import lightgbm as lgb
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

model = lgb.LGBMClassifier(n_estimators=40, num_leaves=15, verbose=-1, random_state=0)
model.fit(X_train, y_train, eval_X=X_test, eval_y=y_test, eval_metric="multi_error")
print(f"accuracy {accuracy_score(y_test, model.predict(X_test)):.4f}")

# Every candidate and fold of a search is a run of its own below the search's, worker processes or not.
grid = {"num_leaves": [7, 15], "learning_rate": [0.1, 0.3]}
search = GridSearchCV(
    lgb.LGBMClassifier(n_estimators=10, verbose=-1, n_jobs=1), grid, cv=3, n_jobs=2
)
search.fit(X_train, y_train)
print(f"best {search.best_params_}, score {search.best_score_:.4f}")

import epochlog; epochlog.autolog()

from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

model = XGBClassifier(n_estimators=30, max_depth=3, early_stopping_rounds=5, n_jobs=1)
model.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_test, y_test)], verbose=False)
print(f"accuracy {accuracy_score(y_test, model.predict(X_test)):.4f}")

# Every candidate and fold of a search is a run of its own below the search's.
pipeline = make_pipeline(StandardScaler(), XGBClassifier(n_estimators=5, max_depth=3, n_jobs=1))
grid = {"xgbclassifier__max_depth": [2, 3]}
search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2)
search.fit(X_train, y_train)
print(f"best {search.best_params_}, score {search.best_score_:.4f}")

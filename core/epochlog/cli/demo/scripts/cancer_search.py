"""Search the best support vector machine for breast cancer data, in two processes."""

import epochlog

epochlog.autolog()

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

grid = {"svc__C": [0.1, 1, 10], "svc__kernel": ["linear", "rbf"]}
search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid, cv=3, n_jobs=2)
search.fit(X_train, y_train)
print(f"best of {len(search.cv_results_['params'])} candidates: {search.best_params_}")
print(f"accuracy on test data: {search.score(X_test, y_test):.3f}")

import epochlog; epochlog.autolog()

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, train_test_split

if __name__ == "__main__":
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    grid = {"n_estimators": [20, 60], "max_depth": [6, None]}
    search = GridSearchCV(RandomForestClassifier(random_state=0), grid, cv=3, n_jobs=2)
    search.fit(X_train, y_train)
    print(search.best_params_, search.best_score_, search.score(X_test, y_test))

import epochlog; epochlog.autolog()

from catboost import CatBoostClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train, test_size=0.3, random_state=0)

model = CatBoostClassifier(
    iterations=300, learning_rate=0.1, depth=4, custom_metric=["AUC"], random_seed=0, verbose=False
)
model.fit(X_fit, y_fit, eval_set=(X_val, y_val), early_stopping_rounds=30)
print(f"accuracy {accuracy_score(y_test, model.predict(X_test)):.4f}")
print(f"area {roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]):.4f}")

# A search of scikit-learn's: candidates and folds, worker processes or not.
search = GridSearchCV(
    CatBoostClassifier(iterations=20, random_seed=0, verbose=False, thread_count=1),
    {"depth": [2, 4]},
    cv=3,
    n_jobs=2,
)
search.fit(X_train, y_train)
print(f"best {search.best_params_}, score {search.best_score_:.4f}")

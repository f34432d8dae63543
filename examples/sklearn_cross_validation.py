import epochlog; epochlog.autolog()

from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score, cross_validate, learning_curve

X, y = load_diabetes(return_X_y=True)

print("R2 of 5 folds", cross_val_score(Ridge(alpha=0.1), X, y, cv=5))
scores = cross_validate(
    Ridge(alpha=1.0), X, y, cv=5, scoring=["r2", "neg_mean_absolute_error"], return_train_score=True
)
print("R2 on training and test parts", scores["train_r2"].mean(), scores["test_r2"].mean())
sizes, train_scores, test_scores = learning_curve(Ridge(alpha=0.1), X, y, cv=5)
print("learning curve", dict(zip(sizes.tolist(), test_scores.mean(axis=1), strict=True)))

"""Recognize handwritten digits with a scaler and a logistic regression."""

import epochlog

epochlog.autolog()

from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_digits(return_X_y=True, as_frame=False)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
model.fit(X_train, y_train)

predicted = model.predict(X_test)
print(f"accuracy on test data: {model.score(X_test, y_test):.3f}")
print(f"macro F1 on test data: {f1_score(y_test, predicted, average='macro'):.3f}")
confusion_matrix(y_test, predicted)
classification_report(y_test, predicted)

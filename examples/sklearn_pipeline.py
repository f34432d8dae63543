import epochlog; epochlog.autolog()

from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5))
model.fit(X_train, y_train)

predicted = model.predict(X_test)
print("accuracy", model.score(X_test, y_test))
print("f1", f1_score(y_test, predicted))
print("roc auc", roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]))
print(confusion_matrix(y_test, predicted))
print(classification_report(y_test, predicted))

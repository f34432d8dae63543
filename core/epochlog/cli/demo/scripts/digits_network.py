"""Recognize handwritten digits with a small neural network that stops early."""

import epochlog

epochlog.autolog()

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0)

model = MLPClassifier(
    hidden_layer_sizes=(48,),
    learning_rate_init=3e-3,
    early_stopping=True,
    max_iter=80,
    random_state=0,
)
model.fit(X_train, y_train)
print(f"accuracy on test data: {model.score(X_test, y_test):.3f}")

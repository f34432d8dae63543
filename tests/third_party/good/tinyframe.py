"""A tiny framework of somebody else: gradient descent on a parabola."""

from __future__ import annotations


class Descent:
    """Find the minimum of (x - 3)²."""

    def __init__(self, rate=0.1, rounds=20):
        self.rate, self.rounds = rate, rounds
        self.losses = []

    def fit(self, start=0.0):
        """Walk downhill and return self."""
        self.x = start
        for _ in range(self.rounds):
            self.x -= self.rate * 2 * (self.x - 3)
            self.losses.append((self.x - 3) ** 2)
        return self

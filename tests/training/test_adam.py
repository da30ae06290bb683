"""Adam finds what a straight line hides, and hands back the best model that it saw."""

import jax.numpy as jnp
import numpy as np

from hiddenlaw.training.adam import adam

SLOPE = np.array([[1.5], [-0.7]], np.float32)


def loss(trained, input, response):
    return jnp.mean((input @ trained["slope"] - response) ** 2)


def data():
    v = np.random.default_rng(0).normal(size=(80, 5, 2)).astype(np.float32)
    return v, v @ SLOPE


class Listener:
    def __init__(self):
        self.heard = []

    def start(self, stage, total):
        self.heard.append(("start", stage))

    def advance(self, stage, message=""):
        self.heard.append(("advance", message))

    def finish(self, stage, message=""):
        self.heard.append(("finish", stage))


def train(**options):
    trained = {"slope": jnp.zeros((2, 1), jnp.float32)}
    return adam(trained, loss, data(), seed=0, **options)["slope"]


def test_a_slope_is_found_and_equal_seeds_give_equal_models():
    one, other = train(steps=1000), train(steps=1000)
    np.testing.assert_allclose(one, SLOPE, atol=1e-3)
    np.testing.assert_array_equal(one, other)
    assert one.dtype == np.float32


def test_every_chunk_is_told():
    listener = Listener()
    train(steps=100, chunks=5, progress=listener)
    assert [kind for kind, _ in listener.heard] == ["advance"] * 5
    assert all(message.startswith("loss ") for _, message in listener.heard)


def test_what_comes_back_is_the_model_that_validated_best():
    seen = []

    def validate(trained):
        slope = np.asarray(trained["slope"])
        seen.append((float(np.abs(slope - 0.5 * SLOPE).sum()), slope))
        return seen[-1][0]

    best = train(steps=300, chunks=10, validate=validate)
    score, slope = min(seen, key=lambda entry: entry[0])
    assert score < seen[-1][0]
    np.testing.assert_array_equal(best, slope)

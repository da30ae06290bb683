"""The contract of a cell.

A cell moves a state over one site under that site's input, h_i = F(h_{i-1}, V_i). One abstraction
serves the translator (its hidden state) and the distiller (its latent state).

Most laws of physics that hide behind sequences are linear in their state once the right state is
known. Such a cell is a matrix that depends on the input, and every smooth matrix function of the
input is a short sum

    M(V) = Σ_n c_n(V) K_n,

with fixed basis functions c_n of the input and matrices K_n of the parameters. A linear cell
states just these two; trajectories, sensitivities and Gramians follow from them without automatic
differentiation through the recurrence (`hiddenlaw.training.sensitivities`).
"""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from hiddenlaw._typing import AnyArray


class AbstractCell(eqx.Module):
    """h_i = F(h_{i-1}, V_i): state in, state out, nothing hidden."""

    @property
    @abc.abstractmethod
    def dimension(self) -> int:
        """Number of real state variables."""

    @abc.abstractmethod
    def __call__(
        self, state: Float[AnyArray, " d"], input: Float[AnyArray, " channel"]
    ) -> Float[Array, " d"]:
        """The state after one site whose input, in the data's units, is `input`."""


class AbstractLinearCell(AbstractCell):
    """h_i = M(V_i) h_{i-1} with M(V) = Σ_n c_n(V) K_n."""

    matrices: eqx.AbstractVar[Float[AnyArray, "term d d"]]

    @property
    def dimension(self) -> int:
        return self.matrices.shape[-1]

    @abc.abstractmethod
    def basis(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch n"]:
        """The functions c_n at these inputs (data's units). Depends on no trained parameter."""

    @abc.abstractmethod
    def coefficients(self) -> Float[AnyArray, "n d d"]:
        """The matrices K_n, functions of the trained `matrices`."""

    def transition(self, input: Float[AnyArray, "*batch channel"]) -> Float[Array, "*batch d d"]:
        """The update matrix M(V)."""
        return jnp.einsum("...n,nab->...ab", self.basis(input), self.coefficients())

    def __call__(
        self, state: Float[AnyArray, " d"], input: Float[AnyArray, " channel"]
    ) -> Float[Array, " d"]:
        return self.transition(input) @ state

"""Cells: the update h_i = F(h_{i-1}, V_i) shared by translator and distiller."""

from hiddenlaw.cells._base import AbstractCell as AbstractCell
from hiddenlaw.cells._base import AbstractLawCell as AbstractLawCell
from hiddenlaw.cells._driven_steps import chained as chained
from hiddenlaw.cells._generator import AbstractGeneratorCell as AbstractGeneratorCell
from hiddenlaw.cells._polynomial import pairs_up_to as pairs_up_to
from hiddenlaw.cells._steps import AbstractSteps as AbstractSteps
from hiddenlaw.cells.discrete_polynomial import (
    DiscretePolynomialCell as DiscretePolynomialCell,
)
from hiddenlaw.cells.driven import DrivenCell as DrivenCell
from hiddenlaw.cells.generator import GeneratorCell as GeneratorCell
from hiddenlaw.cells.generator import generator_over as generator_over
from hiddenlaw.cells.gru import GRUCell as GRUCell
from hiddenlaw.cells.linear import AbstractLinearCell as AbstractLinearCell
from hiddenlaw.cells.magnus import MagnusCell as MagnusCell
from hiddenlaw.cells.monomials import Monomials as Monomials
from hiddenlaw.cells.polynomial import PolynomialCell as PolynomialCell
from hiddenlaw.cells.registry import CELLS as CELLS
from hiddenlaw.cells.registry import cell_class as cell_class
from hiddenlaw.cells.taylor import TaylorCell as TaylorCell
from hiddenlaw.cells.terms import Coefficient as Coefficient

"""Cells: the update h_i = F(h_{i-1}, V_i) shared by translator and distiller."""

from hiddenlaw.cells._base import AbstractCell as AbstractCell
from hiddenlaw.cells._base import AbstractLinearCell as AbstractLinearCell
from hiddenlaw.cells.factory import CELLS as CELLS
from hiddenlaw.cells.factory import generator_over as generator_over
from hiddenlaw.cells.factory import random_cell as random_cell
from hiddenlaw.cells.factory import with_span as with_span
from hiddenlaw.cells.generator import AbstractGeneratorCell as AbstractGeneratorCell
from hiddenlaw.cells.generator import GeneratorCell as GeneratorCell
from hiddenlaw.cells.gru import GRUCell as GRUCell
from hiddenlaw.cells.magnus import MagnusCell as MagnusCell
from hiddenlaw.cells.monomials import Monomials as Monomials
from hiddenlaw.cells.taylor import TaylorCell as TaylorCell

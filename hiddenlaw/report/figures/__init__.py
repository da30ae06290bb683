"""The figures of a report; what a figure of one's own needs is here.

Each module of this folder holds one figure and registers it.
"""

from hiddenlaw.report.figures import bottleneck as bottleneck
from hiddenlaw.report.figures import complex_plane as complex_plane
from hiddenlaw.report.figures import correlations as correlations
from hiddenlaw.report.figures import equation_sheet as equation_sheet
from hiddenlaw.report.figures import free_run as free_run
from hiddenlaw.report.figures import frequency_response as frequency_response
from hiddenlaw.report.figures import hidden_state as hidden_state
from hiddenlaw.report.figures import phase_portrait as phase_portrait
from hiddenlaw.report.figures import residuals as residuals
from hiddenlaw.report.figures import run_constants as run_constants
from hiddenlaw.report.figures import samples as samples
from hiddenlaw.report.figures import static_map as static_map
from hiddenlaw.report.figures import step_response as step_response
from hiddenlaw.report.figures import transfer_matrix as transfer_matrix
from hiddenlaw.report.figures import wave_function as wave_function
from hiddenlaw.report.figures.picture import Picture as Picture
from hiddenlaw.report.figures.registry import Figure as Figure
from hiddenlaw.report.figures.registry import draw_figures as draw_figures
from hiddenlaw.report.figures.registry import register as register
from hiddenlaw.report.figures.registry import registered as registered
from hiddenlaw.report.figures.registry import unregister as unregister
from hiddenlaw.report.figures.style import new_figure as new_figure

BUILT_IN = registered()

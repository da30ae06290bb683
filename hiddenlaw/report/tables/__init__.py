"""The tables of a report, described once, shown in the terminal (Rich) and the page (HTML)."""

from hiddenlaw.report.tables.coefficients import coefficient_table as coefficient_table
from hiddenlaw.report.tables.coefficients import coefficient_tables as coefficient_tables
from hiddenlaw.report.tables.equilibria import equilibria_table as equilibria_table
from hiddenlaw.report.tables.families import families_table as families_table
from hiddenlaw.report.tables.html import to_html as to_html
from hiddenlaw.report.tables.readings import readings_table as readings_table
from hiddenlaw.report.tables.table import NUMBER as NUMBER
from hiddenlaw.report.tables.table import Column as Column
from hiddenlaw.report.tables.table import Table as Table
from hiddenlaw.report.tables.terminal import to_rich as to_rich
from hiddenlaw.report.tables.theories import evidence_table as evidence_table
from hiddenlaw.report.tables.theories import theories_table as theories_table
from hiddenlaw.report.tables.variables import dimension_table as dimension_table
from hiddenlaw.report.tables.variables import sweep_table as sweep_table

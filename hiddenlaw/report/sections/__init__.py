"""The sections of the page, in the order in which they are read."""

from hiddenlaw.report import headings
from hiddenlaw.report.sections.closing import caveats, for_the_record
from hiddenlaw.report.sections.looked_at import looked_at
from hiddenlaw.report.sections.section import Section as Section
from hiddenlaw.report.sections.section import figures_alone as figures_alone
from hiddenlaw.report.sections.theories import law as law
from hiddenlaw.report.sections.theories import theories
from hiddenlaw.report.sections.variables import variables

FINDINGS = (
    Section(headings.LOOKED_AT, looked_at),
    Section(headings.VARIABLES, variables),
    Section(headings.THEORIES, theories),
    figures_alone(headings.RESPONSES),
    figures_alone(headings.HIDDEN_STATE),
    figures_alone(headings.SITE_TO_SITE),
    figures_alone(headings.RUN_CONSTANTS),
    figures_alone(headings.FREE_RUN),
    figures_alone(headings.LEFT_OVER),
)
CLOSING = (
    Section(headings.CAVEATS, caveats),
    Section(headings.FOR_THE_RECORD, for_the_record),
)

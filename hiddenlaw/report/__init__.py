"""What a discovery found, for the reader: figures, a page, and a summary for the terminal."""

from hiddenlaw.report.figures import draw_figures as draw_figures
from hiddenlaw.report.summary import summary as summary
from hiddenlaw.report.values import rounded as rounded
from hiddenlaw.report.values import with_error as with_error
from hiddenlaw.report.write import write_report as write_report
from hiddenlaw.report.write import write_report_of as write_report_of

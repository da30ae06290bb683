"""What a discovery found, in sentences; terminal, page and figures share them.

Numbers stand here as 1.2e-26 and names as psi: each medium typesets them.
"""

from hiddenlaw.report.words.answers import answers as answers
from hiddenlaw.report.words.data import hold as hold
from hiddenlaw.report.words.data import looked_at as looked_at
from hiddenlaw.report.words.residuals import whiteness as whiteness
from hiddenlaw.report.words.theory import ERRORS as ERRORS
from hiddenlaw.report.words.theory import ERRORS_IN_SHORT as ERRORS_IN_SHORT
from hiddenlaw.report.words.theory import EVIDENCE as EVIDENCE
from hiddenlaw.report.words.theory import SMOOTH as SMOOTH
from hiddenlaw.report.words.theory import born as born
from hiddenlaw.report.words.theory import heading as heading
from hiddenlaw.report.words.theory import invariant as invariant
from hiddenlaw.report.words.truth import truth as truth
from hiddenlaw.report.words.variables import reasons as reasons
from hiddenlaw.report.words.variables import seeds_saved as seeds_saved
from hiddenlaw.report.words.variables import spectrum as spectrum
from hiddenlaw.report.words.verdict import verdict as verdict

"""Training: Levenberg–Marquardt with a length curriculum, Adam, and the hooks that watch."""

from hiddenlaw.training.progress import Progress as Progress
from hiddenlaw.training.progress import Silent as Silent

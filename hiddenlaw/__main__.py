"""`python -m hiddenlaw` is the command `hiddenlaw`."""

import sys

from hiddenlaw.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""What is warned of where there is no law to predict by."""


class NoLawWarning(UserWarning):
    """No law was found, or there were too few samples to look for one: means are predicted."""

"""What a discovery is: `discover` makes one, `Discovery` holds, saves and uses what was found."""

from hiddenlaw.discovery.asked import as_dataset as as_dataset
from hiddenlaw.discovery.asked import discover as discover
from hiddenlaw.discovery.found import Discovery as Discovery
from hiddenlaw.discovery.found import load_discovery as load_discovery

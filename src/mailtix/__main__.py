"""`python -m mailtix` is `mailtix`."""

import sys

from mailtix.cli import main

sys.exit(main())

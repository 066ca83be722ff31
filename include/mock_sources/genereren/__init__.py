"""The population generator: invented persons with everything the sources would know of them.

Same seed, same options: same bytes. Every choice comes from ``random.Random`` seeded with a text, nothing
from the clock, the order of a set or the process. One organisation is drawn at a time and written at once,
so that half a million aanvragers need no more memory than a few thousand.
"""

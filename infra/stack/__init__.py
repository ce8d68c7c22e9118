"""`make stack`: the real template, built and deployed by SAM, into an emulator that enforces roles.

The emulator is MiniStack, a tool for developers, in an environment of its own. What it gets wrong
is named in `adaptations`, with the reason.
"""

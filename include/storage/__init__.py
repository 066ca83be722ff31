"""What is kept: our own database and the file store, and for how long.

Functions that take a ``Session`` join the caller's transaction; functions that take a ``Database`` begin and
end their own, because what they promise (files before rows, a claim before a mail) hangs on when it commits.
"""

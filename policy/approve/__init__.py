"""What people do to a whitelist: approve, renew, remove, promote, verify.

Everything here is pure: values in, values out. Files and people are met by the command line.
"""

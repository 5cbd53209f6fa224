"""What changed in meaning between two whitelists, or between two sets of rules.

    entries ──► pairs (rows) ──► side (who else allows it) ──► replay (a witness) ──► Diff

Everything here is pure: entries, rules and `now` in, values out. Files, revisions and people are
met by the command line.
"""

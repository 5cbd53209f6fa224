"""The whitelist: classes of actions that people approved.

    YAML ──► document ──► entries ──► index ──► approved ──► the judge
                            │
             pattern ──► reader ──► form ◄── forms ◄── action

Entries are values (`entry`, `pattern`); `document`, `canonical`, `files` and `merge` read, write
and change files of them; `containment` compares what they admit. The only user of YAML.
"""

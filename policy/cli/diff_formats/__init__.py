"""The formats of `policy-diff`: text for people, JSON, Markdown and annotations for machines."""

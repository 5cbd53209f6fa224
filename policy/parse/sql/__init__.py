"""SQL text to actions: by dialect, through the lexical gate, closed over what it knows."""

from __future__ import annotations

from policy.parse.sql.read import read_sql

__all__ = ["read_sql"]

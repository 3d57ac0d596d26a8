"""Outputs: files as a user names them, written whole or not at all, packed as their names say."""

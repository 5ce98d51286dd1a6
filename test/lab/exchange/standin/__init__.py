"""Stands in for one Exchange server's client access in the balancer's lab. See ../README.md."""

"""Executed notebooks made public: pages, a report as a data editor writes it, single files, a crate."""

"""The gate: real pages with gold, scored beside trafilatura alone; floors only rise."""

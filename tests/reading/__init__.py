"""Text and fields of pages: own fixtures in the manner of the portals, the seeds, hostile bytes."""

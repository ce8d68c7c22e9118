"""`make bench`: our figures beside those of peers, of the same work in the same run."""

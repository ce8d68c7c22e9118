"""Sign-on at publishers: the identity provider, the release gate and its ledger."""

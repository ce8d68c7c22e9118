"""A school's people and groups, brought over from its administration system every night."""

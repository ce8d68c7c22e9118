"""The house on one machine: every part of template.yaml, without an AWS account."""

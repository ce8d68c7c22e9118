"""The structured log. Internal ids and reasons only: no name, address, token, key or ECK iD."""

from aws_lambda_powertools import Logger

logger = Logger(service="schoolpoort", log_uncaught_exceptions=False, utc=True)

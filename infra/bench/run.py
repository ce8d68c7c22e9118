"""Run every benchmark: `python -m infra.bench.run`."""

from infra.bench import cold_start, reading

if __name__ == "__main__":
    raise SystemExit(max(cold_start.main(), reading.main()))

"""Run every benchmark: `python -m infra.bench.run`."""

from infra.bench import cold_start

if __name__ == "__main__":
    raise SystemExit(cold_start.main())

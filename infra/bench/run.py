"""Run every benchmark: `python -m infra.bench.run`."""

from infra.bench import cold_start, warm

if __name__ == "__main__":
    raise SystemExit(cold_start.main() or warm.main())

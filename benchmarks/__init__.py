"""Benchmarks: what a stage costs against a yardstick, as ratios that hold on any machine."""

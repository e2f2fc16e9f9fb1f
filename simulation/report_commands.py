"""`leadworth report` with its demo: simulation is the only package that may know both."""

from __future__ import annotations

from serving.report.report_command import app
from simulation.report_demo.demo_report import demo

app.command()(demo)

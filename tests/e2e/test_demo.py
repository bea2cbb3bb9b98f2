"""The demo, without installing and building."""
import subprocess
import sys

from house import TOP


def test_everything_arrives_in_the_demo():
    run = subprocess.run([sys.executable, str(TOP / "tools/demo.py")],
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    for what in ("WhatsApp to", "SMS to", "Mail to", "Display, topic",
                 "Bombenfund", "Everything arrived"):
        assert what in run.stdout

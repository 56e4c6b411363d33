"""Runs all packages and writes all fixtures anew.

python -m tests.parity.regenerate
"""

import pathlib
import subprocess
import sys

PACKAGES = pathlib.Path(__file__).parent / "packages"


def main():
    scripts = {path.stem for path in PACKAGES.glob("*.py")} - {"torch_tools"}
    for script in sorted(scripts):
        print(script, flush=True)
        # A process for each: some change the default type of PyTorch, or what
        # it compiles.
        command = [sys.executable, "-m", f"tests.parity.packages.{script}"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()

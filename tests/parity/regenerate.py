"""Runs all packages and writes all fixtures anew.

python -m tests.parity.regenerate
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def main():
    scripts = {*HERE.glob("packages/*.py"), *HERE.glob("*/*_package.py")}
    for script in sorted(scripts - {HERE / "packages" / "torch_tools.py"}):
        module = f"tests.parity.{script.parent.name}.{script.stem}"
        print(module, flush=True)
        # A process for each: some change the default type of PyTorch, or what
        # it compiles.
        subprocess.run([sys.executable, "-m", module], check=True)


if __name__ == "__main__":
    main()

"""List the licences of every locked package, and its known vulnerabilities: `make audit`. Tables are in Markdown."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from notebooks import ROOT


def main() -> None:
    print("## Licences\n", flush=True)
    subprocess.run([sys.executable, "-m", "piplicenses", "--format=markdown", "--order=license"], check=True)
    print("\n## Known vulnerabilities\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        export = [os.environ["UV"], "export", "--locked", "--quiet", "--no-emit-project", "--output-file", str(wanted)]
        subprocess.run(export, cwd=ROOT, check=True)
        audit = ["--require-hashes", "--disable-pip", "--format=markdown", "--requirement", str(wanted)]
        sys.exit(subprocess.run([sys.executable, "-m", "pip_audit", *audit], check=False).returncode)


if __name__ == "__main__":
    main()

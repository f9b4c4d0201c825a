"""Move the project to another public address: every badge, link and citation changes at once.

`make address URL=https://github.com/OWNER/REPOSITORY` calls this.
"""

import re
import sys

from notebooks import ROOT, project_files, repository, site, slug


def main(url: str) -> None:
    try:
        new = slug(url)
    except ValueError as error:
        sys.exit(f"make address URL=https://github.com/OWNER/REPOSITORY: {error}")
    old = slug(repository())
    # Every address of the project, on GitHub, Binder or Colab, holds OWNER/REPOSITORY; that of the site does not.
    pattern = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w-])")
    old_site, new_site = site(repository()), site(url)
    for path in project_files():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        moved = pattern.sub(new, text).replace(old_site, new_site)
        if moved != text:
            path.write_bytes(moved.encode("utf-8"))
            print(f"  {path.relative_to(ROOT)}")
    print(f"{old} is now {new}")


if __name__ == "__main__":
    main(sys.argv[1])

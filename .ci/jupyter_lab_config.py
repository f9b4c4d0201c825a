"""How JupyterLab starts in this project's environment (.ci/hatch_build.py puts this file there)."""

c = get_config()  # noqa: F821  JupyterLab provides it

c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.ServerApp.allow_root = True  # in a container everybody is root

"""The hub's part of the course.

The Littlest JupyterHub: copy this file into /opt/tljh/config/jupyterhub_config.d/, then `sudo tljh-config reload`.
A plain JupyterHub: jupyterhub_config.py beside this file loads it.
"""

c = get_config()  # noqa: F821  JupyterHub provides it

c.Spawner.default_url = "/lab/tree/my-course/00_start_here.ipynb"
c.Spawner.mem_limit = "1G"  # The Littlest JupyterHub and containers keep to it; plain local processes do not
c.Spawner.start_timeout = 180  # thirty people who begin at once wait for the processor
c.Spawner.http_timeout = 120

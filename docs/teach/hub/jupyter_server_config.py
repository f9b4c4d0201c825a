"""The users' part of the course: copy it to etc/jupyter/ of the environment that the users' servers run in
(The Littlest JupyterHub: /opt/tljh/user/etc/jupyter/jupyter_server_config.py).

Each time a user's server starts, it brings the lessons into the user's own folder my-course: what is new, and never
over anything that the user has changed.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821  Jupyter provides it

if "JUPYTERHUB_USER" in os.environ:
    from borrowing_strength.course.folder import bring

    bring(Path.home() / "my-course")
    c.ServerApp.root_dir = str(Path.home())
    # A lesson left open holds 0.4 GB. After an hour without work its kernel stops; answers and progress are on disk.
    c.MappingKernelManager.cull_idle_timeout = 3600
    c.MappingKernelManager.cull_interval = 300
    c.MappingKernelManager.cull_connected = True

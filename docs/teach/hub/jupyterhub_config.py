"""A plain JupyterHub for the course, on one machine:  jupyterhub -f jupyterhub_config.py

Every learner has an account of the machine, and works in its home folder. `pip install nbgitpuller` in the users'
environment adds links that bring other files.
"""

from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub provides it

load_subconfig(str(Path(__file__).with_name("course.py")))  # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # put a web server with a certificate in front of it
c.JupyterHub.cleanup_servers = False  # an update of the hub stops nobody's lesson
c.Authenticator.allow_all = True  # everybody who has an account of the machine (the default authenticator is PAM)

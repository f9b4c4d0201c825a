"""A class on a JupyterHub: `make hub` (ARGS="--learners 3" for fewer).

Starts JupyterHub with the configuration of docs/teach/hub on this machine, and simulated learners who begin at once.
Each opens lesson 00 and lesson 01 in a folder of their own, runs cells through Jupyter's interface as a browser does,
and answers exercises wrongly, each a different number of times, and then rightly. In between, one learner's server is
killed. At the end every learner's progress has to be what this learner did. Needs Linux, Node and npm.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).parents[1]
PROXY = "configurable-http-proxy@5.3.0"
PATIENT = {"connect_timeout": 600, "request_timeout": 600}  # twenty compilers on two cores take their time
TOKEN = uuid.uuid4().hex
CONFIG = """
load_subconfig("{hub}/course.py")
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": "{folder}/users", "PYTHONDONTWRITEBYTECODE": "1"}}
c.Spawner.args = ["--allow-root"]
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.log_level = "WARN"
c.JupyterHub.services = [{{"name": "teacher", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "teacher", "services": ["teacher"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
]
"""
EXERCISES = {  # of each lesson one exercise, a wrong answer and the right one
    "00_start_here": ("0.1", '"c"', '"b"'),
    "01_beta_binomial_shrinkage": ("1.2", "0.3", "5 / 17"),
}


# ------------------------------------------------------------------------------------------------ the hub


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def proxy_program() -> str:
    """Find JupyterHub's proxy, or let npm put it into build/hub."""
    found = shutil.which("configurable-http-proxy")
    place = ROOT / "build" / "hub"
    program = place / "node_modules" / ".bin" / "configurable-http-proxy"
    if not found and not program.exists():
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", place, PROXY], check=True)
    return found or str(program)


@contextlib.contextmanager
def running_hub(folder: Path) -> Iterator[str]:
    """JupyterHub in a folder of its own; yields its address."""
    port, hub_port, proxy_port = free_ports(3)
    (folder / "users").mkdir()
    (folder / "home").mkdir()
    shutil.copy2(ROOT / "docs/teach/hub/jupyter_server_config.py", folder / "users")
    names = {"hub": ROOT / "docs/teach/hub", "folder": folder, "proxy": proxy_program(), "token": TOKEN}
    text = CONFIG.format(**names, port=port, hub_port=hub_port, proxy_port=proxy_port)
    (folder / "config.py").write_text(text, encoding="utf-8")
    # A learner's environment has nothing of whoever runs this.
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("BORROWING", "XDG", "JUPYTER", "IPYTHON"))
    }
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    with (folder / "hub.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(folder / "config.py")]
        hub = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            children = psutil.Process(hub.pid).children(recursive=True)
            hub.terminate()  # stops the learners' servers and the proxy too
            with contextlib.suppress(subprocess.TimeoutExpired):
                hub.wait(60)
            for process in [*children, psutil.Process(hub.pid)] if hub.poll() is None else children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()


async def ask(address: str, method: str = "GET", body: Any = None) -> Any:
    """Ask the hub, or a learner's server, and read its answer."""
    text = None if method == "GET" else json.dumps(body or {})
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    options = {"allow_nonstandard_methods": True}
    answer = await AsyncHTTPClient().fetch(HTTPRequest(address, method, headers, text, **PATIENT, **options))
    return json.loads(answer.body) if answer.body else None


async def until(condition: Any, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            raise TimeoutError("the hub did not get ready")
        await asyncio.sleep(0.5)


# ------------------------------------------------------------------------------------------------ a learner


class Learner:
    """One browser: it opens lessons on the learner's server, runs their cells and reads what comes out."""

    def __init__(self, hub: str, number: int, folder: Path) -> None:
        self.hub, self.name = hub, f"learner{number:02d}"
        self.wrong = {lesson: 1 + (number + place) % 4 for place, lesson in enumerate(EXERCISES)}
        self.home = folder / "home" / self.name
        self.server = f"{hub}/user/{self.name}"
        self.seconds: dict[str, float] = {}
        self.feedback: list[float] = []

    async def start(self) -> None:
        """Log in and wait until the server is there."""
        begin = time.monotonic()
        await ask(f"{self.hub}/hub/api/users/{self.name}/server", "POST")

        async def ready() -> bool:
            answer = await ask(f"{self.hub}/hub/api/users/{self.name}")
            return bool(answer["servers"].get("", {}).get("ready"))

        await until(ready)
        self.seconds.setdefault("server", time.monotonic() - begin)

    async def kill(self) -> None:
        """What a power cut does: server and kernels are gone at once, nothing is said to the hub."""
        for process in self.processes():
            process.kill()

        async def noticed() -> bool:
            return not (await ask(f"{self.hub}/hub/api/users/{self.name}"))["servers"]

        await until(noticed)

    def processes(self) -> list[psutil.Process]:
        def ours(process: psutil.Process) -> bool:
            with contextlib.suppress(psutil.Error):
                return process.environ().get("JUPYTERHUB_USER") == self.name
            return False

        return [process for process in psutil.process_iter() if ours(process)]

    def megabytes(self) -> float:
        """Memory of the server and its kernels; what processes share is divided among them."""
        total = 0
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                total += process.memory_full_info().pss
        return total / 2**20

    async def study(self, lesson: str, times: int, *, right: bool) -> None:
        """Run a lesson up to its exercise, answer it wrongly so many times, and rightly at last."""
        exercise, wrong, answer = EXERCISES[lesson]
        begin = time.monotonic()
        async with self.kernel(f"my-course/{lesson}.ipynb") as run:
            for cell in nbformat.read(self.home / "my-course" / f"{lesson}.ipynb", as_version=4).cells:
                if cell.metadata.get("exercise") == exercise:
                    break
                if cell.cell_type == "code":
                    await run(cell.source)
            for says, given in [("Not yet", wrong)] * times + [("Right", answer)] * right:
                asked = time.monotonic()
                said = await run(f'bs.check("{exercise}", {given})')
                self.feedback.append(time.monotonic() - asked)
                if says not in said:
                    raise AssertionError(f"{self.name}, exercise {exercise}, {given}: {said[:300]}")
            if lesson.startswith("00"):  # and the sampler, which needs most time and memory
                await run(SAMPLE)
            self.seconds[lesson] = time.monotonic() - begin

    @contextlib.asynccontextmanager
    async def kernel(self, path: str) -> AsyncIterator[Any]:
        """Open a lesson as JupyterLab does; yields what runs a cell and returns all text that it shows."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = await ask(f"{self.server}/api/sessions", "POST", body)
        address = f"{self.server}/api/kernels/{session['kernel']['id']}/channels".replace("http", "ws", 1)
        socket_ = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"}, **PATIENT))

        async def run(code: str) -> str:
            header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s"}
            content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
            message = {"header": header | {"version": "5.3"}, "parent_header": {}, "metadata": {}, "content": content}
            await socket_.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
            said = []
            while True:
                raw = await asyncio.wait_for(socket_.read_message(), 600)
                if raw is None:
                    raise ConnectionError(f"{self.name}: the kernel of {path} is gone")
                answer = json.loads(raw) if isinstance(raw, str) else {}
                if answer.get("parent_header", {}).get("msg_id") != header["msg_id"]:
                    continue
                kind, content = answer["msg_type"], answer["content"]
                if kind == "error":
                    raise AssertionError(f"{self.name}, {path}: {content['ename']}: {content['evalue']}")
                said += [content.get("text", ""), *map(str, content.get("data", {}).values())]
                if kind == "status" and content["execution_state"] == "idle":
                    return "".join(said)

        try:
            yield run
        finally:
            socket_.close()

    async def close_lessons(self) -> None:
        """Close the tabs: JupyterLab then stops the kernels, as the course's settings say."""
        with contextlib.suppress(HTTPClientError):
            for session in await ask(f"{self.server}/api/sessions"):
                await ask(f"{self.server}/api/sessions/{session['id']}", "DELETE")

    def kept(self) -> dict[str, dict[str, int]]:
        """Read what is in the learner's own home about the exercises."""
        folder = self.home / ".local/state/borrowing-strength"
        return {path.stem: json.loads(path.read_text()) for path in folder.glob("exercise-*.json")}

    def expected(self) -> dict[str, dict[str, int]]:
        done = ((EXERCISES[lesson][0], wrong) for lesson, wrong in self.wrong.items())
        return {f"exercise-{name}": {"tries": wrong + 1, "hints": 0, "right": 1} for name, wrong in done}


SAMPLE = """
_model = bs.beta_binomial.pymc_model([30, 50, 55, 60], [100] * 4)
_ = bs.sampling.sample(_model, seed=1)
"""


# ------------------------------------------------------------------------------------------------ the class


async def teach(learners: list[Learner]) -> bool:
    """Teach both lessons to all at once; say whether everybody has kept exactly what is theirs."""
    first, second = EXERCISES
    hub = learners[0].hub

    async def up() -> bool:
        with contextlib.suppress(OSError, HTTPClientError):
            return bool(await ask(f"{hub}/hub/api/"))
        return False

    async def everybody(what: str, step: Any) -> None:
        begin = time.monotonic()
        await asyncio.gather(*(step(learner) for learner in learners))
        memory = [learner.megabytes() for learner in learners]
        wall, mean, most = time.monotonic() - begin, statistics.mean(memory), max(memory)
        print(f"  {what:<44} {wall:>6.0f} s {mean:>8.0f} MB {most:>8.0f} MB", flush=True)

    # 1. Lesson 00, by all at once.
    await until(up)
    await ask(f"{hub}/hub/api/users", "POST", {"usernames": [learner.name for learner in learners]})
    print(f"  {'':<44} {'all, in':>8} {'a learner':>11} {'the largest':>11}")
    await everybody("server started", Learner.start)
    await everybody("lesson 00 open, a model sampled", lambda each: each.study(first, each.wrong[first], right=True))
    # 2. The second half of lesson 01's wrong answers comes after one server was killed.
    await everybody("lesson 01 open too", lambda each: each.study(second, 1, right=False))
    unlucky = learners[len(learners) // 2]
    before = unlucky.kept()
    await unlucky.kill()
    await unlucky.start()
    safe = unlucky.kept() == before and before != {}
    print(f"  {unlucky.name}'s server was killed and started again: {'nothing lost' if safe else 'PROGRESS LOST'}")
    await everybody("lesson 01 opened again", lambda each: each.study(second, each.wrong[second] - 1, right=True))
    await everybody("lessons closed", Learner.close_lessons)
    # 3. Everybody has what they did, and nobody anything else.
    wrong = [learner.name for learner in learners if learner.kept() != learner.expected()]
    print(f"  own progress kept by {len(learners) - len(wrong)} of {len(learners)} learners {' '.join(wrong)}")
    waits = sorted(each for learner in learners for each in learner.feedback)
    print(f"  feedback on {len(waits)} answers: median {statistics.median(waits):.2f} s, slowest {waits[-1]:.1f} s")
    return safe and not wrong


def main() -> None:
    AsyncHTTPClient.configure(None, max_clients=200)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=20)
    count = parser.parse_args().learners
    if sys.platform != "linux":
        sys.exit("make hub measures memory as Linux reports it")
    print(f"{count} learners at once, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name, running_hub(Path(name)) as hub:
        learners = [Learner(hub, number, Path(name)) for number in range(count)]
        try:
            well = asyncio.run(teach(learners))
        except Exception:
            print((Path(name) / "hub.log").read_text()[-4000:], file=sys.stderr)
            raise
    sys.exit(not well)


if __name__ == "__main__":
    main()

# Thin wrappers over uv and the committed uv.lock. They need git, make and a Python; the rest is fetched into the clone.
# ARGS is passed on: make lab ARGS="--no-browser --port 8899", make test ARGS="-k shrinkage".

# The first Python that runs, not the first that is found: a version manager's shim may have nothing behind it.
PYTHON := $(shell for p in python3 python /usr/bin/python3 py; do "$$p" -c "" >/dev/null 2>&1 && { echo "$$p"; break; }; done)
ifeq ($(PYTHON),)
$(error Borrowing Strength: no Python runs here; install Python 3.12, 3.13 or 3.14 from https://www.python.org/downloads/)
endif

RUN := $(PYTHON) .ci/bootstrap.py

.PHONY: help lab test setup notebooks lesson lint bench calibrate site slides handout offline browser address colab hub audit release

help:  ## list these targets
	@sed -n 's/^\([a-z]*\): *## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

lab:  ## open JupyterLab on lesson 00, in a folder of your own (my-course)
	@$(RUN) jupyter lab $(ARGS)

test:  ## run every check: tests, exercises, notebooks compared with their stored outputs, lint
	@$(RUN) pytest $(ARGS)

setup:  ## make or update the environment in .venv, and nothing else
	@$(RUN)

notebooks:  ## re-execute the lessons in place and normalise them (ARGS names some of them)
	@$(RUN) python .ci/notebooks.py $(ARGS)

lesson:  ## begin a new lesson: make lesson NAME=hazards QUESTION="When will the next one fail?"
	@$(RUN) python .ci/lesson.py

lint:  ## check style and formatting, notebooks included
	@$(RUN) ruff check $(ARGS)
	@$(RUN) ruff format --check $(ARGS)

bench:  ## measure speed, memory and error of every model against peers, and write docs/bench.md (ARGS names models)
	@$(RUN) --group bench python -m benchmarks $(ARGS)

calibrate:  ## run simulation-based calibration of every sampler with 1,000 replications (slow)
	@BORROWING_STRENGTH_REPLICATIONS=1000 $(RUN) pytest -k calibrat -rP tests $(ARGS)

site:  ## build the site into docs/_build/html; a warning or a broken link is an error
	@$(RUN) --group site python -m sphinx -W --keep-going -q -d docs/_build/doctrees $(ARGS) docs docs/_build/html

slides:  ## make slides from the marked cells of the lessons, in build/slides (ARGS names some: 01 02)
	@$(RUN) python .ci/slides.py $(ARGS)

handout:  ## make printable exercise sheets, in build/handout (ARGS names some: 01 02)
	@$(RUN) python .ci/handout.py $(ARGS)

offline:  ## make a folder that installs without a network on any laptop, in build/offline
	@$(RUN) --group site python .ci/offline.py $(ARGS)

browser:  ## try every lesson, the slides and the site in a real browser (Chromium)
	@$(MAKE) --no-print-directory site slides handout ARGS=
	@$(RUN) --group browser pytest -n 0 $(patsubst %,tests/browser/%.py,lab decks paper website) $(ARGS)

release:  ## build dist/, install each file where nothing is, and run lesson 00 from it
	@$(RUN) python .ci/release.py $(ARGS)

hub:  ## teach twenty simulated learners on a JupyterHub, and measure (slow; ARGS="--learners 3" for fewer)
	@$(RUN) --group hub python .ci/hub.py $(ARGS)

audit:  ## list known vulnerabilities (an error) and the licences of every locked package
	@$(RUN) --group audit python .ci/audit.py $(ARGS)

address:  ## move the project: make address URL=https://github.com/OWNER/REPOSITORY
	@$(RUN) python .ci/address.py "$(URL)"

colab:  ## run the lessons in an environment built from Google Colab's versions (slow)
	@$(RUN) python .ci/colab.py $(ARGS)

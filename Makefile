# Thin wrappers over uv and the committed uv.lock. They need git, make and a Python; the rest is fetched into the clone.
# ARGS is passed on: make lab ARGS="--no-browser --port 8899", make test ARGS="-k shrinkage".

# The first Python that runs, not the first that is found: a version manager's shim may have nothing behind it.
PYTHON := $(shell for p in python3 python /usr/bin/python3 py; do "$$p" -c "" >/dev/null 2>&1 && { echo "$$p"; break; }; done)
ifeq ($(PYTHON),)
$(error Borrowing Strength: no Python runs here; install Python 3.12, 3.13 or 3.14 from https://www.python.org/downloads/)
endif

RUN := $(PYTHON) .ci/bootstrap.py

.PHONY: help lab test setup notebooks lint bench calibrate address colab

help:  ## list these targets
	@sed -n 's/^\([a-z]*\): *## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

lab:  ## open JupyterLab on lesson 00
	@$(RUN) jupyter lab $(ARGS)

test:  ## run every check: tests, exercises, notebooks compared with their stored outputs, lint
	@$(RUN) pytest $(ARGS)

setup:  ## make or update the environment in .venv, and nothing else
	@$(RUN)

notebooks:  ## re-execute the lessons in place and normalise them (ARGS names some of them)
	@$(RUN) python .ci/notebooks.py $(ARGS)

lint:  ## check style and formatting, notebooks included
	@$(RUN) ruff check $(ARGS)
	@$(RUN) ruff format --check $(ARGS)

bench:  ## print speed against peers, as ratios
	@for script in benchmarks/[a-z]*.py; do $(RUN) --group bench python "$$script" $(ARGS) || exit 1; done

calibrate:  ## run simulation-based calibration of every sampler with 1,000 replications (slow)
	@BORROWING_STRENGTH_REPLICATIONS=1000 $(RUN) pytest -k calibrat -rP tests $(ARGS)

address:  ## move the project: make address URL=https://github.com/OWNER/REPOSITORY
	@$(RUN) python .ci/address.py "$(URL)"

colab:  ## run the lessons in an environment built from Google Colab's versions (slow)
	@$(RUN) python .ci/colab.py $(ARGS)

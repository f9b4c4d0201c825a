#!/bin/sh
# Install the course from this folder, without a network:  sh install.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${1:-"$HOME/borrowing-strength"}
case "$(uname -s) $(uname -m)" in
    "Linux x86_64") system=linux ;;
    "Linux aarch64") system=linux-arm ;;
    "Darwin arm64") system=macos ;;
    "Darwin x86_64") system=macos-intel ;;
    *) system=none ;;
esac
if [ ! -f "$here/uv/$system/uv" ]; then
    echo "This bundle has no packages for $(uname -s) on $(uname -m). The teacher has the course to read, and knows where it runs" >&2
    exit 1
fi
mkdir -p "$place"
place=$(cd "$place" && pwd)
# A stick may not know which files are programs, so uv is copied.
cp "$here/uv/$system/uv" "$place/uv"
chmod +x "$place/uv"
export UV_OFFLINE=1 UV_NO_CACHE=1 UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=manual UV_LINK_MODE=copy
export UV_PYTHON_INSTALL_DIR="$place/python" UV_PYTHON_INSTALL_MIRROR="file://$here/python"
make_environment() {
    "$place/uv" venv --quiet --clear --python "$1" "$place/course" 2>"$place/why.txt"
}
any_python() {
    make_environment "${UV_PYTHON:->=3.12,<3.15}" && return
    # A version manager's shim may end uv's search: try what it manages.
    for python in "$HOME"/.pyenv/versions/3.1[234]*/bin/python; do
        [ -z "${UV_PYTHON:-}" ] && [ -x "$python" ] && make_environment "$python" && return
    done
    # No Python here that serves: take the one that came along, if it did.
    [ -d "$here/python" ] && "$place/uv" python install --no-bin 3.13 && make_environment 3.13
}
if ! any_python; then
    cat "$place/why.txt" >&2
    echo "No Python 3.12, 3.13 or 3.14 here: install one (the teacher has an installer), then run this again." >&2
    echo "If there is one: UV_PYTHON=/path/to/python sh install.sh" >&2
    exit 1
fi
rm -f "$place/why.txt"
"$place/uv" pip install --quiet --python "$place/course" --no-index --find-links "$here/wheels" \
    --require-hashes --requirement "$here/requirements.txt"
cd "$place"
course/bin/borrowing-strength start my-course
printf '#!/bin/sh\ncd "$(dirname "$0")" && exec course/bin/jupyter lab my-course/00_start_here.ipynb\n' >open.sh
course/bin/borrowing-strength doctor && well=0 || well=1
echo "To open the course:  sh \"$place/open.sh\""
exit $well

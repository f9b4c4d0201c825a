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
    echo "This bundle has no packages for $(uname -s) on $(uname -m). To read the course: site/index.html" >&2
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
    "$place/uv" venv --quiet --clear --python "${UV_PYTHON:->=3.12,<3.15}" "$place/course"
}
if ! make_environment 2>/dev/null; then
    # No Python here that serves: take the one that came along, if it did.
    if ! { [ -d "$here/python" ] && "$place/uv" python install --no-bin 3.13 && make_environment; }; then
        echo "No Python 3.12, 3.13 or 3.14 here: install one (the teacher has an installer), then run this again." >&2
        exit 1
    fi
fi
"$place/uv" pip install --quiet --python "$place/course" --no-index --find-links "$here/wheels" \
    --require-hashes --requirement "$here/requirements.txt"
cd "$place"
course/bin/borrowing-strength start my-lessons
course/bin/borrowing-strength doctor
echo "To open the course:  cd \"$place\" && course/bin/jupyter lab my-lessons"

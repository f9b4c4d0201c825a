@echo off
rem Install the course from this folder, without a network:  install.cmd [FOLDER]
setlocal
set "place=%~1"
if "%place%"=="" set "place=%USERPROFILE%\borrowing-strength"
set UV_OFFLINE=1
set UV_NO_CACHE=1
set UV_NO_CONFIG=1
set UV_PYTHON_DOWNLOADS=manual
set UV_LINK_MODE=copy
set "UV_PYTHON_INSTALL_DIR=%place%\python"
set "here=%~dp0"
set "UV_PYTHON_INSTALL_MIRROR=file:///%here:\=/%python"
if "%UV_PYTHON%"=="" set "UV_PYTHON=>=3.12,<3.15"
if not exist "%place%" mkdir "%place%"
"%here%uv\windows\uv.exe" venv --quiet --clear "%place%\course" 2>"%place%\why.txt" && goto packages
rem No Python here that serves: take the one that came along, if it did.
if not exist "%here%python" goto nopython
"%here%uv\windows\uv.exe" python install --no-bin 3.13 || goto nopython
"%here%uv\windows\uv.exe" venv --quiet --clear "%place%\course" || goto nopython
:packages
set UV_PYTHON=
"%here%uv\windows\uv.exe" pip install --quiet --python "%place%\course" --no-index --find-links "%here%wheels" ^
    --require-hashes --requirement "%here%requirements.txt" || exit /b 1
cd /d "%place%"
course\Scripts\borrowing-strength start my-course || exit /b 1
(echo @cd /d "%%~dp0" ^&^& course\Scripts\jupyter lab my-course\00_start_here.ipynb)>open.cmd
set well=0
course\Scripts\borrowing-strength doctor || set well=1
echo To open the course, double-click:  "%place%\open.cmd"
if "%~1"=="" pause
exit /b %well%
:nopython
type "%place%\why.txt"
echo No Python 3.12, 3.13 or 3.14 here: install one (the teacher has an installer), then run this again.
if "%~1"=="" pause
exit /b 1

# Sourced by the other scripts, from the root of the checkout: makes .venv, or brings it up to date, when it needs that.

# Hash of everything that decides what is installed; a moved checkout or another Python means a new environment.
venv_stamp() {
    "$1" -c '
import hashlib, os, sys
digest = hashlib.sha256(f"{os.getcwd()} {sys.version}".encode())
for name in ("pyproject.toml", "constraints.txt"):
    with open(name, "rb") as file:
        digest.update(file.read())
print(digest.hexdigest())'
}

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "error: mtkit needs Python 3.11 or newer; python3 here is: $(python3 --version 2>&1 || true)" >&2
    return 1
}

ensure_venv() {
    local python stamp
    python=$(find_python)
    stamp=$(venv_stamp "$python")
    if [[ -x .venv/bin/mtkit && -f .venv/mtkit-stamp && $(<.venv/mtkit-stamp) == "$stamp" ]]; then
        return
    fi
    echo "installing mtkit and its packages into .venv (about 2 minutes, once)" >&2
    rm -f .venv/mtkit-stamp
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
    # Written last: an interrupted installation is done again.
    echo "$stamp" >.venv/mtkit-stamp
}

ensure_venv

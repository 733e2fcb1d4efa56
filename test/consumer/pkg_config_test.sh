#!/usr/bin/env bash
# pkg_config_test.sh COMPILER PREFIX CLIENT_PREFIX LIBDIR: what pkg-config says of the installed libraries is enough to compile, link
# and run the programs beside this file, with `--static` and without, and the client needs nothing of the others.
set -euo pipefail
compiler=$1 prefix=$2 client_prefix=$3 libdir=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v pkg-config >/dev/null || { echo 'skipped: no pkg-config (Debian: pkgconf)'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# builds PREFIX PACKAGE PROGRAM
builds() {
  export PKG_CONFIG_PATH=$1/$libdir/pkgconfig
  # What pkg-config prints is quoted for a shell.
  eval "\"\$compiler\" -std=c++20 -c $(pkg-config --static --cflags "$2") \"\$here/$3.cpp\" -o \"\$work/$3.o\""
  for static in '' --static; do
    rpath=$(pkg-config --libs-only-L "$2" | sed -E 's/(^| )-L/\1-Wl,-rpath,/g')
    eval "\"\$compiler\" \"\$work/\$3.o\" $(pkg-config $static --libs "$2") $rpath -o \"\$work/\$3\""
    "$work/$3"
  done
}

builds "$client_prefix" mistral_workflows client
for other in mistral_workflows_testing mistral_workflows_journal_sqlite; do
  if said=$(PKG_CONFIG_PATH=$client_prefix/$libdir/pkgconfig pkg-config --exists --print-errors $other 2>&1); then
    echo "$other is there where the client alone was installed"
    exit 1
  fi
  grep -q "'$other'" <<<"$said"
done
builds "$prefix" mistral_workflows_testing main
builds "$prefix" mistral_workflows_journal_sqlite journal

#!/usr/bin/env bash
# Installs the Debian packages the project builds on, where they are missing, and says which.
set -euo pipefail

packages=(
  libarchive-dev        # reads .gz and .zip input
  libprotobuf-c-dev     # the protocol's messages
  libsqlite3-dev        # the event log
  libssl-dev            # SHA-256, and TLS in the C client
  make                  # this project's commands
  openssl               # certificates for the tests
  pkg-config            # finds the libraries
  protobuf-c-compiler   # generates the messages' code
  protobuf-compiler     # the same for Python
  python3               # runs the Python client, and the suite that all clients pass
  python3-protobuf      # the protocol's messages in Python
  zlib1g-dev            # checksums
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
# The C client is built by any compiler; the Swift toolchain brings clang.
command -v cc >/dev/null || command -v clang >/dev/null || missing+=(gcc)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing Debian packages that are missing: ${missing[*]}"
elevate=()
[ "$(id -u)" -eq 0 ] || elevate=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${elevate[@]}" apt-get update -qq
"${elevate[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

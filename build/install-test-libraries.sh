#!/usr/bin/env bash
# Installs the libraries that the tests of GPU devices and collectives need, if this machine lacks them; test.sh calls
# it. A second run finds them installed. What cannot be installed is named, and its tests are skipped.
#
#   build/install-test-libraries.sh           installs
#   build/install-test-libraries.sh --check   installs nothing, and names what is missing
#
# As root on a machine with apt: PoCL (OpenCL on the CPU), Oclgrind (OpenCL with a search for data races), OpenMPI
# and g++ are installed from the system's own packages. On Debian, root or not: NVIDIA's compiler (NVRTC 11.8 and 12.4)
# and driver library, which load without a GPU, are unpacked into .libraries in the checkout (or
# $MODELDSL_TEST_LIBRARIES) and nowhere else; they come from the mirror that apt is configured with, from the contrib and
# non-free components of bookworm and trixie.
# MODELDSL_TEST_CUBLASLT=1 adds cuBLASLt (180 MB) and MODELDSL_TEST_NCCL=1 NCCL (115 MB; it needs trixie's C library).
set -u
cd "$(dirname "$0")/.."
libraries=${MODELDSL_TEST_LIBRARIES:-$PWD/.libraries}
log=$libraries/install.log
left_out() { echo "Left out of the tests: $1." >&2; }
check=$([ "${1:-}" = --check ] && echo 1)

[ -n "$check" ] || { mkdir -p "$libraries" 2> /dev/null && : > "$log"; } || { left_out "what would be in $libraries, which cannot be written"; exit 0; }

# The system's packages -------------------------------------------------------------------------------------------------
missing=()
compgen -G '/etc/OpenCL/vendors/*' > /dev/null && PATH=$PATH:/sbin ldconfig -p 2> /dev/null | grep -q libOpenCL.so.1 || missing+=(pocl-opencl-icd ocl-icd-libopencl1)
[ -e /usr/lib/oclgrind/liboclgrind-rt.so ] || [ -e /usr/local/lib/oclgrind/liboclgrind-rt.so ] || missing+=(oclgrind)
command -v mpirun > /dev/null || missing+=(openmpi-bin)
command -v g++ > /dev/null || missing+=(g++)
quick=(-o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Languages=none)
if [ ${#missing[@]} -gt 0 ]; then
  if [ -n "$check" ]; then
    left_out "${missing[*]} (nothing is to be installed; as root: apt-get install ${missing[*]})"
  elif ! command -v apt-get > /dev/null; then
    left_out "${missing[*]} (install them; there is no apt here)"
  elif [ "$(id -u)" -ne 0 ]; then
    left_out "${missing[*]} (install them as root: apt-get install ${missing[*]})"
  else
    export DEBIAN_FRONTEND=noninteractive
    install() { timeout 300 apt-get "${quick[@]}" install -y --no-install-recommends "$@" >> "$log" 2>&1; }
    if ! install "${missing[@]}"; then
      timeout 120 apt-get "${quick[@]}" update >> "$log" 2>&1
      for package in "${missing[@]}"; do install "$package" || left_out "$package (apt could not install it, see $log)"; done
    fi
  fi
fi

# NVIDIA's libraries: folder, Debian's release, packages --------------------------------------------------------------
wanted="nvrtc-11 bookworm libnvrtc11.2 libnvrtc-builtins11.8
driver bookworm libcuda1
nvrtc-12 trixie libnvrtc12 libnvrtc-builtins12.4"
[ "${MODELDSL_TEST_NCCL:-}" = 1 ] && wanted+=$'\nnccl trixie libnccl2'
[ "${MODELDSL_TEST_CUBLASLT:-}" = 1 ] && wanted+=$'\ncublaslt trixie libcublaslt12'
wanted=$(while read -r folder rest; do [ -d "$libraries/$folder" ] || echo "$folder $rest"; done <<< "$wanted")
[ -n "$wanted" ] || exit 0
if [ -n "$check" ]; then
  left_out "$(cut -d' ' -f1 <<< "$wanted" | paste -sd' ') (nothing is to be downloaded; build/install-test-libraries.sh puts them into $libraries)"
  exit 0
fi

# The mirror of Debian's main archive that apt is configured with.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
  awk '$2 == "main" && $3 !~ /-/ && ($1 == "Debian" || $4 ~ /\/debian\/?$/) { print $4; exit }')
if [ -z "$mirror" ] || ! command -v dpkg-deb > /dev/null || [ "$(dpkg --print-architecture)" != amd64 ]; then
  left_out "$(cut -d' ' -f1 <<< "$wanted" | paste -sd' ') (there is no Debian mirror for amd64 here; put the libraries into $libraries/<name>)"
  exit 0
fi

# Apt's state of its own, so that the system's packages do not change.
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state"/{lists/partial,cache/archives/partial,packages}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for release in $(cut -d' ' -f2 <<< "$wanted" | sort -u); do
  echo "deb [arch=amd64$([ -r $keyring ] && echo " signed-by=$keyring")] $mirror $release contrib non-free" >> "$state/sources.list"
done
own=(-o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$state/lists"
  -o "Dir::Cache=$state/cache" -o APT::Sandbox::User= -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false)
timeout 120 apt-get "${quick[@]}" "${own[@]}" update >> "$log" 2>&1

while read -r folder release packages; do
  rm -rf "$state/packages" "$state/root" "$libraries/$folder.new"
  mkdir -p "$state/packages" "$state/root" "$libraries/$folder.new"
  # shellcheck disable=SC2086  # a list of words
  if (cd "$state/packages" && timeout 300 apt-get "${quick[@]}" "${own[@]}" download $(printf "%s/$release " $packages)) >> "$log" 2>&1 &&
    printf '%s\0' "$state"/packages/*.deb | xargs -0 -I{} dpkg-deb -x {} "$state/root" >> "$log" 2>&1; then
    find "$state/root" -name 'lib*.so*' -exec cp -P {} "$libraries/$folder.new" \;
    mv "$libraries/$folder.new" "$libraries/$folder"
  else
    rm -rf "$libraries/$folder.new"
    left_out "$folder ($packages of Debian $release could not be fetched, see $log)"
  fi
done <<< "$wanted"
exit 0

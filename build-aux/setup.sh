# shellcheck shell=bash
# Sourced by run and test: installs what is missing and builds, both without touching stdin or
# stdout, which belong to the program that is started afterwards.

say ()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die ()
{
  say "$*"
  exit 1
}

targets=()

# column N GROUP…: that column of the list of packages, for these groups.
column ()
{
  local n=$1 group
  shift

  for group; do
    awk -v group="$group" -v n="$n" '$1 == group && $n != "-" { print $n }' \
      "${root:?}/build-aux/packages"
  done
}

missing_debian ()
{
  local -x LC_ALL=C
  local wanted

  mapfile -t wanted < <(column 3 "$@" | sort -u)
  comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null \
      | sed -n 's/ installed$//p' | sort -u)
}

missing_fedora ()
{
  local package

  column 4 "$@" | while read -r package; do
    rpm -q --quiet --whatprovides "$package" </dev/null >/dev/null 2>&1 || echo "$package"
  done
}

missing_elsewhere ()
{
  local sign

  column 2 "$@" | while read -r sign; do
    case $sign in
      *.pc) pkg-config --exists "${sign%.pc}" 2>/dev/null || echo "$sign" ;;
      *) command -v "$sign" >/dev/null || echo "$sign" ;;
    esac
  done
}

as_root ()
{
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# install_missing GROUP…: sets $installed to what had to be installed.
install_missing ()
{
  local kind=elsewhere
  local -a command=()

  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    kind=debian
  elif command -v dnf >/dev/null && command -v rpm >/dev/null; then
    kind=fedora
  fi

  mapfile -t installed < <(missing_$kind "$@" | sort -u)
  [ ${#installed[@]} -gt 0 ] || return 0

  case $kind in
    debian)
      command=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600
               -o Dpkg::Use-Pty=0)
      ;;
    fedora)
      command=(dnf -q -y)
      ;;
    *)
      die "missing here, please install: ${installed[*]}"
      ;;
  esac

  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "missing here, please install as root: ${installed[*]}"
  fi

  say "installing ${installed[*]}"
  if [ $kind = debian ]; then
    as_root "${command[@]}" update </dev/null >&2 \
      || say "the list of packages is not fresh; going on"
    command+=(--no-install-recommends)
  fi
  as_root "${command[@]}" install "${installed[@]}" </dev/null >&2 \
    || die "could not install: ${installed[*]}"
}

# build FOLDER OPTION…: configures the folder once, and brings what is in it up to date; where
# $targets is set, only these.
build ()
{
  local folder=$1
  shift

  mkdir -p "$folder"
  [ -e "$folder/.source" ] || printf '%s\n' "$root" >"$folder/.source"
  # Two calls at the same time build once; the lock goes with the subshell.
  (
    flock 9

    # A set-up that was cut short, or a tree that was moved, starts afresh.
    if [ ! -e "$folder/build.ninja" ] || [ "$(cat "$folder/.source")" != "$root" ]; then
      say "setting up ${folder#"$root"/}"
      rm -rf "$folder"/meson-* "$folder/build.ninja"
      meson setup "$@" "$folder" "$root" || exit 1
      printf '%s\n' "$root" >"$folder/.source"
    elif [ ${#installed[@]} -gt 0 ]; then
      meson setup --reconfigure "$@" "$folder" "$root" || exit 1
    fi

    ninja -C "$folder" "${targets[@]}" | sed -u '/^ninja: \(Entering directory\|no work to do\)/d'
  ) 9>"$folder/.lock" </dev/null >&2 || die "the build failed"
}

# bash completion for s3streamer-server
#
# SPDX-License-Identifier: GPL-3.0-or-later

_s3streamer_server ()
{
  local cur prev words cword
  _init_completion || return

  case $prev in
    --root)
      _filedir -d
      return
      ;;
    --right)
      mapfile -t COMPREPLY < <(compgen -W 'create overwrite remove link' -- "$cur")
      return
      ;;
    --add-principal | --prefix | --quota)
      return
      ;;
    --config | --token-file)
      _filedir
      return
      ;;
    --listen)
      mapfile -t COMPREPLY < <(compgen -W '127.0.0.1:8333' -- "$cur")
      __ltrim_colon_completions "$cur"
      return
      ;;
  esac

  mapfile -t COMPREPLY < <(compgen -W '
    --config --check --add-principal --prefix --right --quota --embedded --stop --lambda --root
    --listen --allow-remote --token-file --log-json --help --version' -- "$cur")
} && complete -F _s3streamer_server s3streamer-server

# bash completion for s3streamer
#
# SPDX-License-Identifier: GPL-3.0-or-later

_s3streamer ()
{
  local cur prev words cword
  _init_completion -n = || return

  case $prev in
    --path | --name | --request-url | --domain | --limit-rate | --s3 | --endpoint | --region \
      | --profile | --link-expires | --content-type | --metadata | --retry-for)
      return
      ;;
    --connection)
      mapfile -t COMPREPLY < <(compgen -W 'this-computer' -- "$cur")
      return
      ;;
    --storage-class)
      mapfile -t COMPREPLY < <(compgen -W 'STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER_IR GLACIER DEEP_ARCHIVE REDUCED_REDUNDANCY' -- "$cur")
      return
      ;;
    --token-file | --api-key-file)
      _filedir
      return
      ;;
    --tmp)
      _filedir -d
      return
      ;;
    --parts)
      mapfile -t COMPREPLY < <(compgen -W '1 2 4 5 8 16 32 64' -- "$cur")
      return
      ;;
    --part-size)
      mapfile -t COMPREPLY < <(compgen -W '5 16 50 100 500 1000 5120' -- "$cur")
      return
      ;;
  esac

  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '
      --upload --purge --list --resume --abort --verify --path --name --connection --request-url --domain --token-file
      --s3 --endpoint --region --profile --link-expires --storage-class --content-type --metadata --token-stdin --api-key-file --parts --part-size --tmp --overwrite --sha256 --limit-rate --retry-for --json
      --json=stream --quiet --verbose --no-input --dry-run --help --version' -- "$cur")
    return
  fi

  # IDs of what is unfinished, in the journal.
  if [[ " ${words[*]} " == *' --resume '* || " ${words[*]} " == *' --abort '* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(s3streamer --list 2> /dev/null | cut -f 1)" -- "$cur")
    return
  fi

  # The keys after --purge are on the server.
  [[ " ${words[*]} " == *' --purge '* ]] || _filedir
} && complete -F _s3streamer s3streamer

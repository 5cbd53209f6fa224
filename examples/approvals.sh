#!/bin/sh
# The life of an approval, in a directory that is removed afterwards. Nothing of it runs.
# Coloured unless NO_COLOR is set.
set -eu

if [ -z "${NO_COLOR:-}" ]; then
    FORCE_COLOR=1
    export FORCE_COLOR
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# Says what it runs; refusals and reviews are what this shows, so no answer ends it.
show() {
    printf '\n$ policy'
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./=:-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    status=0
    policy "$@" || status=$?
    [ "$status" -ne 2 ] || exit 2
}

who='--agent deploy-bot --environment prod'
# shellcheck disable=SC2086  # the options are words of their own
{
    show check $who 'docker restart web-1'
    show whitelist suggest $who 'docker restart web-1'
    show whitelist add 'git push {remote} {branch}' --by alice
    show whitelist add 'docker restart web-{n:int}' $who --by alice --reason 'routine restart'
    cp whitelist.yaml before.yaml
    show check --whitelist whitelist.yaml --log decisions.jsonl $who 'docker restart "web-2"'
    show check --whitelist whitelist.yaml --log decisions.jsonl $who 'sudo docker restart web-2'
    show whitelist add 'docker restart {service:name}' $who --by bob --reason 'all of them'
    show diff before.yaml whitelist.yaml
    show boundary new task.yaml --task 'rotate the logs' --allow 'gzip {f:path /srv/app/log/*.log}'
    show check --whitelist whitelist.yaml --boundary task.yaml $who 'docker restart web-2'
    show log verify decisions.jsonl
}

#compdef landlock-monitor
# SPDX-License-Identifier: GPL-2.0-only
# Completion of landlock-monitor for zsh.

local -a common live command
common=('(-o --output)'{-o,--output}'[write there]:file:_files' '--json[write JSON Lines]')
live=('--buffer[trace buffer for each CPU in KiB]:kib:' '--prometheus[keep counters there]:file:_files' '--interval[seconds between two versions of it]:seconds:')
command=('--user[run the command as this user]:user:_users' '*--env[keep this variable through sudo or doas]:name:_parameters' '(-)1:command:_command_names -e' '*::argument:_normal')

if (( CURRENT == 2 )); then
	_values command run watch tree report record
	return
fi
local name=$words[2]
shift words
(( CURRENT-- ))
case $name in
run) _arguments -S $common $live $command '--wait-all[wait for all that it started]' '--most[denials to show]:n:' \
	'--open[say what is not restricted, too]' '--learn[add missing rules until it succeeds]' '--max[how often at most]:n:' '--yes[do not ask]' \
	'*--root[accept rules beneath]:dir:_files -/' '*--ports[accept rules for these ports]:list:' ;;
watch) _arguments $common $live '(-p --pid)'{-p,--pid}'[a process]:pid:_pids' '--domain[a domain]:id:' \
	'--comm[a program]:name:' '--all[everything]' '*-v[more]' '-c[only count]' '--for[seconds]:seconds:' ;;
tree) _arguments '(-o --output)'{-o,--output}'[write there]:file:_files' '--buffer[KiB]:kib:' '-v[say what is not restricted, too]' '--dot[for Graphviz]' '--for[seconds]:seconds:' '1:recording:_files' ;;
report) _arguments $common '--diff[compare two]' '-c[only count]' '--most[denials to show]:n:' '*:recording:_files' ;;
record) _arguments -S '(-o --output)'{-o,--output}'[the recording]:file:_files' '--buffer[KiB]:kib:' $command ;;
esac

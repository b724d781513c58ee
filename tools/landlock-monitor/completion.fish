# SPDX-License-Identifier: GPL-2.0-only
# Completion of landlock-monitor for fish.

set -l name landlock-monitor
set -l commands run watch tree report record
complete -c $name -n "not __fish_seen_subcommand_from $commands" -f -a "$commands"
complete -c $name -n "__fish_seen_subcommand_from $commands" -s o -l output -r -d 'Write there'
complete -c $name -n "__fish_seen_subcommand_from run watch report" -l json -d 'Write JSON Lines'
complete -c $name -n "__fish_seen_subcommand_from run watch tree record" -l buffer -x -d 'Trace buffer for each CPU in KiB'
complete -c $name -n "__fish_seen_subcommand_from run watch" -l prometheus -r -d 'Keep counters there'
complete -c $name -n "__fish_seen_subcommand_from run watch" -l interval -x -d 'Seconds between two versions of it'
complete -c $name -n "__fish_seen_subcommand_from run record" -l user -x -a '(__fish_complete_users)' -d 'Run the command as this user'
complete -c $name -n "__fish_seen_subcommand_from run record" -l env -x -d 'Keep this variable through sudo or doas'
complete -c $name -n "__fish_seen_subcommand_from run" -l wait-all -d 'Wait for all that it started'
complete -c $name -n "__fish_seen_subcommand_from run" -l open -d 'Say what is not restricted, too'
complete -c $name -n "__fish_seen_subcommand_from run" -l learn -d 'Add missing rules until it succeeds'
complete -c $name -n "__fish_seen_subcommand_from run" -l max -x -d 'How often at most'
complete -c $name -n "__fish_seen_subcommand_from run" -l yes -d 'Do not ask'
complete -c $name -n "__fish_seen_subcommand_from run" -l root -x -a '(__fish_complete_directories)' -d 'Accept rules beneath'
complete -c $name -n "__fish_seen_subcommand_from run" -l ports -x -d 'Accept rules for these ports'
complete -c $name -n "__fish_seen_subcommand_from run report" -l most -x -d 'Denials to show'
complete -c $name -n "__fish_seen_subcommand_from watch" -s p -l pid -x -a '(__fish_complete_pids)' -d 'A process'
complete -c $name -n "__fish_seen_subcommand_from watch" -l domain -x -d 'A domain'
complete -c $name -n "__fish_seen_subcommand_from watch" -l comm -x -d 'A program'
complete -c $name -n "__fish_seen_subcommand_from watch" -l all -d 'Everything'
complete -c $name -n "__fish_seen_subcommand_from watch tree" -s v -d 'More'
complete -c $name -n "__fish_seen_subcommand_from watch report" -s c -d 'Only count'
complete -c $name -n "__fish_seen_subcommand_from watch tree" -l for -x -d 'Seconds'
complete -c $name -n "__fish_seen_subcommand_from tree" -l dot -d 'For Graphviz'
complete -c $name -n "__fish_seen_subcommand_from report" -l diff -d 'Compare two'

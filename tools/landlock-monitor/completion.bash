# SPDX-License-Identifier: GPL-2.0-only
# Completion of landlock-monitor for bash.

_landlock_monitor() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} options i

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'run watch tree report record --help --version' -- "$cur")
		return
	fi
	case $prev in
	-o | --output | --prometheus) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--root) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	--user) mapfile -t COMPREPLY < <(compgen -u -- "$cur"); return ;;
	--env) mapfile -t COMPREPLY < <(compgen -v -- "$cur"); return ;;
	--max | --most | --ports | --buffer | --interval | --for | -p | --pid | --domain | --comm) return ;;
	esac
	case $command in
	run) options='-o --output --json --buffer --prometheus --interval --user --env --wait-all --open --most --learn --max --yes --root --ports --help' ;;
	watch) options='-o --output --json --buffer --prometheus --interval -p --pid --domain --comm --all -v -c --for --help' ;;
	tree) options='-o --output --buffer -v --dot --for --help' ;;
	report) options='-o --output --json --diff -c --most --help' ;;
	record) options='-o --output --buffer --user --env --help' ;;
	*) return ;;
	esac
	# Behind the first word that is no option, it is the command's.
	if [ "$command" = run ] || [ "$command" = record ]; then
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			-o | --output | --prometheus | --root | --user | --env | --max | --most | --ports | --buffer | --interval) ((i++)) ;;
			--) ((i++)) ; break ;;
			-*) ;;
			*) break ;;
			esac
		done
		if [ "$i" -lt "$COMP_CWORD" ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
	fi
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur") ;;
	*)
		case $command in
		run | record) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
		*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
		esac
		;;
	esac
}
complete -o filenames -F _landlock_monitor landlock-monitor

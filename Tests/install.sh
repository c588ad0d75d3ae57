#!/usr/bin/env bash
# What `make install` puts down works from there: the binary, the completions of three shells, the man page.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() { echo "install test: $*" >&2; exit 1; }

make -s install DESTDIR="$root" PREFIX=/usr
share=$root/usr/share macvtrace=$root/usr/bin/macvtrace

version=$(env -i "$macvtrace" --version)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "--version says: $version"
# One file for every machine: no toolchain's folders, no library of Swift's or C++'s, no libbpf.
dynamic=$(readelf -d "$macvtrace")
if grep -E 'R(UN)?PATH' <<<"$dynamic"; then fail "the binary looks for libraries in folders of its own"; fi
foreign=$(grep -oP 'NEEDED.*\[\K[^]]+' <<<"$dynamic" | grep -vE '^(libc|libm|libelf|libz|ld-linux.*)\.so' || true)
[ -z "$foreign" ] || fail "the binary needs $foreign"

# Each shell loads its file where packages put it, and offers a subcommand and one of its options.
bash --norc -c 'set -e; source "$1"; complete -p macvtrace >/dev/null
	offers() {
		COMP_LINE=$1; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<<"$COMP_LINE"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
		_macvtrace macvtrace "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
		[[ " ${COMPREPLY[*]} " == *" $2 "* ]] || { echo "$1: ${COMPREPLY[*]}" >&2; exit 1; }
	}
	offers "macvtrace la" lab; offers "macvtrace attach --dur" --duration
' _ "$share/bash-completion/completions/macvtrace" || fail "bash does not complete"
said=$(zsh -fc 'fpath=($1 $fpath); autoload -U compinit; compinit -u -d $2; autoload +X _macvtrace
	print ${_comps[macvtrace]}' _ "$share/zsh/site-functions" "$root/dump" 2>&1)
[ "$said" = _macvtrace ] || fail "zsh does not load its completion: $said"
said=$(env HOME="$root" PATH="$root/usr/bin:$PATH" fish --no-config -c 'source $argv[1]; complete -C "macvtrace la"
	complete -C "macvtrace attach --dur"' "$share/fish/vendor_completions.d/macvtrace.fish" 2>&1)
[[ $said == *lab* && $said == *--duration* ]] || fail "fish does not complete: $said"

page=$share/man/man1/macvtrace.1
warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
[ -z "$warnings" ] || fail "the man page: $warnings"
text=$(MANWIDTH=80 man -l "$page" | col -b)
for word in attach list doctor lab; do
	grep -qw "$word" <<<"$text" || fail "the man page does not name $word"
done

make -s uninstall DESTDIR="$root" PREFIX=/usr
rm -f "$root/dump"
left=$(find "$root" -type f -path '*macvtrace*')
[ -z "$left" ] || fail "uninstall leaves $left"
echo "install: binary, completions of bash, zsh and fish, and the man page work from where they are put"

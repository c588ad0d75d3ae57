#!/usr/bin/env bash
# fetch.sh VERSION: unpacks Debian's newest kernel of that series into $KERNEL_CACHE/VERSION and prints that folder.
#
# apt itself fetches it, with its signatures checked, from the mirror that this machine's sources name, but with lists
# and a cache of its own: nothing is installed, and this machine's own lists stay as they are. What is there is kept.
set -euo pipefail
kernels=${KERNEL_CACHE:-/var/cache/macvtrace/kernels}

# The series, the suite that has it, and the packages that make it up.
case ${1:-} in
5.10) suite=bullseye names='^linux-image-5\.10[.0-9]+-[0-9]+-amd64$' ;;
6.1) suite=bookworm names='^linux-image-6\.1[.0-9]+-[0-9]+-amd64$' ;;
6.12) suite=bookworm-backports names='^linux-image-6\.12[.0-9]+\+deb12-amd64$' ;;
7.2) suite=sid names='^linux-binary-7\.2[.0-9]+\+deb14-amd64$ ^linux-modules-7\.2[.0-9]+\+deb14-amd64$' ;;
*) echo "usage: fetch.sh 5.10|6.1|6.12|7.2" >&2 && exit 64 ;;
esac
folder=$kernels/$1
if [ -e "$folder/complete" ]; then echo "$folder" && exit; fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1)
[ -n "$mirror" ] || { echo "fetch: this machine's apt sources name no Debian mirror" >&2 && exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,archives}/partial "$work/sources" "$work/tree"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources/list"
options=(-q -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o Dir::Etc::SourceParts=- -o Dir::Etc::Parts=-
	-o "Dir::Etc::SourceList=$work/sources/list" -o Dir::Etc::Preferences=- -o Dir::Etc::PreferencesParts=-
	-o APT::Sandbox::User=root -o Acquire::Languages=none)
apt-get "${options[@]}" update >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
for name in $names; do
	package=$(apt-cache "${options[@]}" pkgnames | grep -E "$name" | sort -V | tail -1)
	[ -n "$package" ] || { echo "fetch: $suite has no package like $name" >&2 && exit 1; }
	(cd "$work" && apt-get "${options[@]}" download "$package/$suite" >>log 2>&1) || { cat "$work/log" >&2 && exit 1; }
	dpkg-deb -x "$work"/linux-*.deb "$work/tree"
	rm "$work"/linux-*.deb
done

# One layout for all: vmlinuz beside modules.
modules=$(find "$work/tree" -path "*/lib/modules/*" -prune -type d)
release=${modules##*/}
rm -rf "$folder"
mkdir -p "$folder/lib/modules"
cp "$(find "$work/tree" -name "vmlinuz*" -type f | head -1)" "$folder/vmlinuz"
mv "$modules" "$folder/lib/modules/"
depmod -b "$folder" "$release" 2>/dev/null
echo "$release" >"$folder/release"
touch "$folder/complete"
echo "$folder"

# shellcheck shell=sh
# Sourced by quickstart and check: what both do before their own work. Needs
# $top (the source tree) and $work (a directory of the caller's own, made later).
: "${top:?}"

say() {
	printf '%s\n' "$*"
}

# Runs the script again as root, when it is not.
need_root() {
	[ "$(id -u)" -eq 0 ] && return
	command -v sudo >/dev/null || {
		say "$0: Postfix can only be started by root: run this as root," \
		    "or install sudo"
		exit 1
	}
	exec sudo sh "$0" "$@"
}

# missing_packages KIND...: those of contrib/packages not installed yet
missing_packages() {
	for kind; do
		sed -n "s/^$kind //p" "$top/contrib/packages"
	done | while read -r package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>&1)
		[ "$status" = installed ] || printf '%s ' "$package"
	done
}

# install_packages KIND...: apt is not even asked when all are there. None of
# the servers is configured or started by it, now or at the next boot.
install_packages() {
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "installing: $missing"
	(
		flock 9 # two scripts at once take turns
		missing=$(missing_packages "$@")
		[ -n "$missing" ] || exit 0
		policy=/usr/sbin/policy-rc.d
		if [ ! -e $policy ]; then
			trap 'rm -f $policy' EXIT
			trap 'exit 130' INT TERM
			printf '#!/bin/sh\nexit 101\n' >$policy
			chmod 755 $policy
		fi
		export DEBIAN_FRONTEND=noninteractive
		case " $missing " in
		*" postfix "*)
			printf 'postfix postfix/main_mailer_type select %s\n' \
			    "No configuration" | debconf-set-selections
			;;
		esac
		# shellcheck disable=SC2086 # words each
		apt-get -q update &&
		    apt-get -q -y -o DPkg::Lock::Timeout=300 \
			--no-install-recommends install $missing || exit 1
		for units in "dovecot-core dovecot.service dovecot.socket" \
		    "prometheus prometheus.service"; do
			case " $missing " in
			*" ${units%% *} "*)
				# shellcheck disable=SC2086 # words each
				! command -v systemctl >/dev/null ||
				    systemctl disable ${units#* } || true
				;;
			esac
		done
	) 9>/run/lock/weir-setup.lock >"${work:?}/packages.log" 2>&1 || {
		tail -20 "$work/packages.log"
		say "the packages could not be installed"
		return 1
	}
}

# copy_tree TO: the sources without what was built in their folder, so that
# nothing is written to the tree and files of another owner do not matter.
copy_tree() {
	mkdir -p "$1"
	if git -c safe.directory="$top" -C "$top" rev-parse >/dev/null 2>&1; then
		# shellcheck disable=SC2016 # for the inner shell
		(cd "$top" && git -c safe.directory="$top" ls-files -z -co \
		    --exclude-standard | xargs -0 sh -c \
		    'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
		    tar --null -T - -cf -)
	else
		(cd "$top" && tar --exclude='*.o' --exclude='*.a' \
		    --exclude=config.status --exclude=autom4te.cache -cf - .)
	fi | tar -C "$1" --no-same-owner -xf -
}

# dots: a dot for every few lines read, to show that it is getting on
dots() {
	awk '{ if (NR % 8 == 0) { printf "."; fflush() } }
	    END { if (NR >= 8) print "" }'
}

# logged LOG COMMAND...: its output in LOG, dots on the terminal, its status
logged() {
	log=$1
	shift
	{ "$@" 2>&1; echo $? >"$log.status"; } | tee "$log" | dots
	[ "$(cat "$log.status")" -eq 0 ] || {
		tail -40 "$log"
		return 1
	}
}

# shellcheck disable=SC2034 # for the two scripts
jobs=$(nproc 2>/dev/null || echo 2)

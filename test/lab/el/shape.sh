#!/bin/sh
# Gives a root file system of Debian's packages the shape of an EL host. Runs in it, not booted, with this folder
# at /lab and an empty one at /repo.
#
# usage: shape.sh RELEASE VERSION      9 9.6
#
# What a deploy installs (haproxy, keepalived, ...) is taken out of the root and packed as rpms under EL's names, into
# a dnf repository at /repo. What stays is entered in the rpm database by name. dpkg, apt and Debian's own trust
# command leave the PATH.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
umask 022
release=$1
version=$2
work=/var/tmp/shape
mkdir -p $work

# The files of EL's that belong to a package or to the system: those for all releases, then this one's own.
overlay() { # PACKAGE FOLDER
    for from in /lab/files/all/$1 /lab/files/el$release/$1; do
        [ ! -d "$from" ] || cp -R --preserve=mode "$from/." "$2/"
    done
}

# Folders that another package or the system has are not owned by this one.
file_list() { # FOLDER
    (cd "$1" && find . -mindepth 1) | sed 's,^\.,,' | while read -r path; do
        if [ -d "$1$path" ] && [ ! -L "$1$path" ]; then
            [ -d "$path" ] || printf '%%dir "%s"\n' "$path"
            continue
        fi
        case "$path" in
            /etc/*) printf '%%config(noreplace) "%s"\n' "$path" ;;
            *) printf '"%s"\n' "$path" ;;
        esac
    done
}

rpm_build() { # SPEC
    rpmbuild -bb --quiet --define "_topdir $work/rpmbuild" --define "debug_package %{nil}" --define "_build_id_links none" \
        --define "__os_install_post %{nil}" --define "_binary_payload w1.gzdio" --define "_dbpath $work/db" "$1" >$work/log 2>&1 || {
        cat $work/log "$1"
        exit 1
    }
}

# The files of Debian's packages move into $work/NAME. Of /etc only what firewalld needs.
take() { # NAME DEBIAN-PACKAGE...
    name=$1
    shift
    into=$work/$name
    mkdir -p "$into"
    dpkg-query -W -f '${Version}\n' "$1" | sed 's/^[0-9]*://; s/[-+~].*//' >"$work/$name.version"
    for package in "$@"; do
        dpkg -L "$package"
    done | sort -u | while read -r path; do
        # Not /lib, which is a link here.
        [ ! -d "$path" ] || continue
        [ -e "$path" ] || [ -L "$path" ] || continue
        # Where it is, not where a package's list says it is.
        real=$(realpath "${path%/*}/")/${path##*/}
        case "$name $real" in
            *" /usr/share/doc/"* | *" /usr/share/man/"* | *" /usr/share/lintian/"* | *" /usr/share/bug/"* | *" /etc/init.d/"* | *" /etc/default/"*) ;;
            *" /usr/lib/systemd/system/"* | *" /usr/lib/tmpfiles.d/"*)
                [ "$name" != firewalld ] || keep "$real" ;;
            # keepalived.config-opts: Debian's keepalived 2.3 reads how it was built from there.
            "firewalld /etc/"* | "openssl /etc/"* | *"/keepalived.config-opts") keep "$real" ;;
            *" /etc/"*) ;;
            *) keep "$real" ;;
        esac
        rm -f "$real"
    done
    overlay "$name" "$into"
}

keep() {
    mkdir -p "$into${1%/*}"
    cp -a "$1" "$into$1"
}

# SCRIPTS is what a package does before and after it is installed, in rpm's words.
pack() { # NAME REQUIRES SCRIPTS
    {
        cat <<SPEC
Name: $1
Version: $(cat "$work/$1.version")
Release: 1.el$release
Summary: Debian's $1 under EL's name
License: see Debian
AutoReqProv: no
Requires: $2
%description
Debian's $1 in the shape of EL's package. A lab's stand-in.
%install
cp -a $work/$1/. %{buildroot}/
%files
%defattr(-,root,root)
SPEC
        file_list "$work/$1"
        printf '%s\n' "$3"
    } >"$work/$1.spec"
    rpm_build "$work/$1.spec"
}

unit_scripts() { # UNIT
    # shellcheck disable=SC2016 # for the package's shell
    printf '%%post\nsystemctl preset %s >/dev/null 2>&1 || :\n%%preun\n[ "$1" != 0 ] || systemctl --no-reload disable --now %s >/dev/null 2>&1 || :\n' "$1" "$1"
}

### The daemons.

for user in haproxy keepalived_script; do
    ! id $user >/dev/null 2>&1 || userdel $user
done
rm -rf /var/lib/haproxy
mkdir -p /usr/lib64 /etc/sysconfig
take haproxy haproxy
install -m 0755 -D /lab/build/profile-system.so $work/haproxy/usr/lib64/haproxy-profile-system.so
install -m 0755 /lab/build/haproxy $work/haproxy/usr/sbin/haproxy
mkdir -p $work/haproxy/etc/haproxy/conf.d $work/haproxy/var/lib/haproxy
rm -rf /etc/haproxy
take keepalived keepalived
mkdir -p $work/keepalived/usr/libexec/keepalived
rm -rf /etc/keepalived
take rsyslog rsyslog
mkdir -p $work/rsyslog/var/lib/rsyslog $work/rsyslog/etc/rsyslog.d
rm -rf /etc/rsyslog.d /etc/rsyslog.conf
take logrotate logrotate
mkdir -p $work/logrotate/var/lib/logrotate
rm -rf /etc/logrotate.d /etc/logrotate.conf /var/lib/logrotate
take firewalld firewalld python3-firewall
mkdir -p $work/firewalld/etc/firewalld/zones $work/firewalld/etc/firewalld/policies $work/firewalld/etc/firewalld/services $work/firewalld/etc/firewalld/icmptypes $work/firewalld/etc/firewalld/ipsets $work/firewalld/etc/firewalld/helpers
rm -rf /etc/firewalld /usr/lib/firewalld /usr/lib/python3/dist-packages/firewall
take openssl openssl
# Links by which Debian's systemd starts what was there.
find /etc/systemd/system -type l \( -name 'haproxy*' -o -name 'keepalived*' -o -name 'rsyslog*' -o -name 'syslog*' -o -name 'logrotate*' -o -name '*irewall*' \) -delete
rm -f /etc/init.d/* /etc/rc?.d/*

pack haproxy "/bin/sh, systemd, shadow-utils" "%attr(0755,haproxy,haproxy) %dir /var/lib/haproxy
%pre
getent group haproxy >/dev/null || groupadd -r -g 188 haproxy
getent passwd haproxy >/dev/null || useradd -r -u 188 -g haproxy -d /var/lib/haproxy -s /usr/sbin/nologin -c haproxy haproxy
exit 0
$(unit_scripts haproxy.service)"
pack keepalived "/bin/sh, systemd" "$(unit_scripts keepalived.service)"
pack rsyslog "/bin/sh, systemd, logrotate" "$(unit_scripts rsyslog.service)"
if [ "$release" = 8 ]; then
    rm -rf $work/logrotate/usr/lib/systemd
    pack logrotate "/bin/sh" ""
else
    pack logrotate "/bin/sh, systemd" "$(unit_scripts logrotate.timer)"
fi
pack firewalld "/bin/sh, systemd, python3" "$(unit_scripts firewalld.service)"
pack openssl "/bin/sh" ""

### The system.

overlay base ""
# EL's /bin/sh and awk.
ln -sf bash /usr/bin/sh
ln -sf gawk /usr/bin/awk
# sshd.service is the unit's name, not a name beside it.
rm -f /etc/systemd/system/sshd.service /etc/systemd/system/multi-user.target.wants/ssh.service /etc/systemd/system/sockets.target.wants/ssh.socket /usr/lib/systemd/system/ssh.socket
sed 's/^Alias=.*//' /usr/lib/systemd/system/ssh.service >/usr/lib/systemd/system/sshd.service
rm -f /usr/lib/systemd/system/ssh.service
systemctl enable --quiet sshd.service

# What p11-kit trusts, it reads where EL's reads it: Debian's CAs as EL's, and no Debian folder.
mkdir -p /usr/share/pki/ca-trust-source/anchors /etc/pki/ca-trust/source/anchors /etc/pki/ca-trust/source/blocklist \
    /etc/pki/ca-trust/extracted/pem /etc/pki/ca-trust/extracted/openssl /etc/pki/tls/certs
cp /etc/ssl/certs/ca-certificates.crt /usr/share/pki/ca-trust-source/anchors/mozilla.pem
sed -i "s,^x-init-reserved:.*,x-init-reserved: paths='/etc/pki/ca-trust/source:/usr/share/pki/ca-trust-source'," /usr/share/p11-kit/modules/p11-kit-trust.module
rm -rf /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/ca-certificates /etc/ca-certificates /etc/ca-certificates.conf
update-ca-trust
ln -s ../../ca-trust/extracted/pem/tls-ca-bundle.pem /etc/pki/tls/certs/ca-bundle.crt
# EL's openssl and curl have /etc/pki built in, Debian's have this.
mkdir -p /etc/ssl/certs
ln -s /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/certs/ca-certificates.crt

# What apply.sh tells the families apart by, and a hand would reach for.
mkdir -p /usr/libexec/lab-debian
for program in /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/sbin/update-ca-certificates /usr/sbin/update-rc.d /usr/sbin/invoke-rc.d; do
    [ ! -e "$program" ] || mv "$program" /usr/libexec/lab-debian/
done
rm -f /etc/debian_version /etc/default/haproxy /etc/default/keepalived
cat >/etc/os-release.new <<OS
NAME="AlmaLinux"
VERSION="$version"
ID="almalinux"
ID_LIKE="rhel centos fedora"
VERSION_ID="$version"
PLATFORM_ID="platform:el$release"
PRETTY_NAME="EL-shaped host $version of the lab"
OS
rm -f /etc/os-release /usr/lib/os-release
mv /etc/os-release.new /usr/lib/os-release
ln -s ../usr/lib/os-release /etc/os-release
echo "EL-shaped host $version of the lab" >/etc/redhat-release
ln -sf redhat-release /etc/system-release

### rpm and dnf.

stays="bash coreutils glibc systemd dbus openssh-server sudo iproute iputils curl ca-certificates p11-kit p11-kit-trust python3 dnf rpm gawk shadow-utils util-linux libselinux-utils policycoreutils nftables python3-nftables procps-ng crypto-policies"
{
    cat <<SPEC
Name: almalinux-release
Version: $version
Release: 1.el$release
Summary: What a lab's EL-shaped host is called
License: none
AutoReqProv: no
Provides: system-release = $version
Provides: system-release(releasever) = $release
%description
A lab's stand-in.
%files
SPEC
    for name in $stays; do
        printf '%%package -n %s\nSummary: Debian'"'"'s, entered by name\nVersion: 1\n%%description -n %s\nA stand-in of the lab.\n%%files -n %s\n' "$name" "$name" "$name"
        case "$name" in
            bash) printf '%%package -n lab-shell\nSummary: /bin/sh\nProvides: /bin/sh\nProvides: /usr/bin/sh\n%%description -n lab-shell\nA stand-in of the lab.\n%%files -n lab-shell\n' ;;
        esac
    done
} >$work/base.spec
mkdir -p $work/daemons
mv $work/rpmbuild/RPMS/*/*.rpm $work/daemons/
rpm_build $work/base.spec
rpm --initdb
# Debian's rpm refuses to install on Debian unless it is told so; trixie's has stopped to.
force=--force-debian
rpm $force --version >/dev/null 2>&1 || force=
# shellcheck disable=SC2086 # nothing, where it is empty
rpm $force -i --justdb --nodeps $work/rpmbuild/RPMS/*/*.rpm
mv $work/daemons/*.rpm /repo/
createrepo_c --quiet /repo
chmod -R a+rX /repo
mkdir -p /etc/yum.repos.d
rm -rf $work /var/lib/apt /var/cache/apt /var/cache/debconf /root/.rpmdb

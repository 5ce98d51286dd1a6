#!/bin/busybox sh
# shellcheck shell=dash
# The first and only process of a virtual machine: loads a policy into the kernel and asks it, a line of /questions each.
/bin/busybox mkdir -p /proc /sys /domains
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t selinuxfs selinuxfs /sys/fs/selinux || echo "ANSWER error this kernel has no SELinux"
cd /sys/fs/selinux || /bin/busybox poweroff -f
# The kernel takes a policy in one write.
/bin/busybox dd if=/policy of=load bs=32M count=1 2>/dev/null || echo "ANSWER error the kernel did not take the policy"
echo "ANSWER kernel $(/bin/busybox uname -r)"

# FILE TEXT: one transaction with the kernel.
ask() {
    exec 3<>"$1"
    echo "$2" >&3 2>/dev/null
    answer=$(/bin/busybox cat <&3 2>/dev/null)
    exec 3<&-
}

# @NAME is the domain that an earlier answer was.
context() {
    case $1 in
    @*) /bin/busybox cat "/domains/${1#@}" ;;
    *) echo "$1" ;;
    esac
}

while read -r word id source target kind permissions; do
    case $word in
    boolean)
        [ ! -e "booleans/$id" ] || { echo "$source" >"booleans/$id" && echo 1 >commit_pending_bools; }
        echo "ANSWER boolean $id $(/bin/busybox cat "booleans/$id" 2>/dev/null || echo unknown)"
        ;;
    becomes) # which domain a process gets when it executes a file
        ask create "$(context "$source") $target $(/bin/busybox cat class/process/index)"
        echo "$answer" | /bin/busybox tr -d '\000' >"/domains/$id"
        echo "ANSWER becomes $id $(context "@$id")"
        ;;
    may)
        ask access "$(context "$source") $(context "$target") $(/bin/busybox cat "class/$kind/index")"
        # shellcheck disable=SC2086
        set -- $answer
        refused=''
        for permission in $permissions; do
            bit=$(/bin/busybox cat "class/$kind/perms/$permission" 2>/dev/null) || bit=''
            if [ -z "$bit" ] || [ $(((0x${1:-0} >> (bit - 1)) & 1)) -eq 0 ]; then refused="$refused $permission"; fi
        done
        # Bit 0 of the sixth word: the domain is permissive, and what is refused is only logged.
        [ $((0x${6:-0} & 1)) -eq 0 ] || refused="$refused permissive"
        echo "ANSWER may $id$refused"
        ;;
    esac
done </questions
echo "ANSWER done"
/bin/busybox poweroff -f

#!/bin/sh
# In a container with qemu: boots Debian's kernel on an initramfs of busybox, the policy and the questions.
set -eu
mkdir -p /tmp/ram/bin
cp /bin/busybox /tmp/ram/bin/
cp /lab/init.sh /tmp/ram/init
chmod 755 /tmp/ram/init
cp "$(find /lab/policy/policy -name 'policy.*' | sort -V | tail -n 1)" /tmp/ram/policy
cp /lab/work/questions /tmp/ram/
(cd /tmp/ram && find . | cpio --quiet -o -H newc) >/tmp/ram.cpio
exec timeout 300 qemu-system-x86_64 -accel tcg,thread=multi -cpu Nehalem -m 1024 -nographic -no-reboot -nic none \
    -kernel "$(find /boot -name "vmlinuz-*" | sort | tail -n 1)" -initrd /tmp/ram.cpio \
    -append "console=ttyS0 quiet panic=-1 security=selinux selinux=1 enforcing=0"

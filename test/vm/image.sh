#!/bin/sh
# Builds what the tests' virtual machines start from: `image.sh FOLDER` fills an empty folder with disk.raw,
# vmlinuz, initrd.img, the key id_ed25519 that opens root's door, and the host's public key host_key.pub.
# Debian, of the suite and from the mirror that this machine's own apt uses. Needs root and debootstrap.
set -eu
work=$1
umask 022

source=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' \
  'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' | head -n 1)
[ -n "$source" ] || { echo 'apt knows no Debian suite to build the virtual machine from' >&2; exit 1; }

root=$work/root
mkdir -m 755 "$root"

packages=systemd-sysv,libpam-systemd,dbus,udev,openssh-server,iproute2,iputils-ping,procps,busybox-static
packages=$packages,linux-image-cloud-amd64
# For the kinds that the machine's kernel may lack: their tools, and what measures traffic.
packages=$packages,kmod,ethtool,openvswitch-switch,iputils-arping,tcpdump,iperf3,netcat-openbsd
# What hosts boot their network with. A test puts one of them in charge.
packages=$packages,ifupdown,network-manager,netplan.io

# INITRD=No: a start-up disk of our own follows. A mount namespace, so that nothing stays mounted however this ends.
INITRD=No unshare -m --propagation private debootstrap --variant=minbase \
  --include="$packages" \
  "${source#* }" "$root" "${source% *}" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }

# Debian's own initrd takes as long to get through as all that follows; this one loads what the disk needs.
kernel=$(ls "$root/lib/modules")
initrd=$root/initrd
mkdir -p "$initrd/bin" "$initrd/dev" "$initrd/new"
cp "$root/bin/busybox" "$initrd/bin/busybox"
cat >"$initrd/init" <<'INIT'
#!/bin/busybox sh
for module in $(/bin/busybox cat /modules); do /bin/busybox insmod "$module"; done
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t ext4 /dev/vda /new
/bin/busybox mount -o move /dev /new/dev
exec /bin/busybox switch_root /new /sbin/init
INIT
chmod 755 "$initrd/init"
chroot "$root" modprobe -a -S "$kernel" --show-depends virtio_pci virtio_blk ext4 crc32c_generic |
  awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$initrd/modules"
while read -r module; do install -D "$root$module" "$initrd$module"; done <"$initrd/modules"
chroot "$root" sh -c 'cd /initrd && find . | cpio -o -H newc --quiet' >"$work/initrd.img"
rm -rf "$initrd"
mv "$root/boot/vmlinuz-$kernel" "$work/vmlinuz"

ssh-keygen -q -t ed25519 -N '' -C 'netplay vm' -f "$work/id_ed25519"
install -D -m 600 "$work/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$work/host_key.pub"

echo vm >"$root/etc/hostname"
echo '127.0.0.1 localhost vm' >"$root/etc/hosts"
echo '/dev/vda / ext4 errors=remount-ro 0 0' >"$root/etc/fstab"
# A plain unit and no network daemon: nothing but netplay sets the network right.
cat >"$root/etc/systemd/system/network.service" <<'UNIT'
[Unit]
DefaultDependencies=no
Requires=sys-subsystem-net-devices-eth0.device
After=sys-subsystem-net-devices-eth0.device
Wants=network.target
Before=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip link set eth0 up
ExecStart=ip address add 10.0.2.15/24 dev eth0
ExecStart=ip route add default via 10.0.2.2
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl -q enable network.service
# Tests start what they need of Open vSwitch, and of what configures networks.
chroot "$root" systemctl -q disable openvswitch-switch.service networking.service NetworkManager.service \
  NetworkManager-dispatcher.service NetworkManager-wait-online.service systemd-networkd.service
# Each of these takes long under emulation, and no test needs it.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer getty.target serial-getty@ttyS0.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount modprobe@configfs.service \
  modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service \
  modprobe@loop.service systemd-timesyncd.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  systemd-pstore.service systemd-binfmt.service user@.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Harder than Debian's own setting, by which root is spared too: what a session started dies with it.
mkdir "$root/etc/systemd/logind.conf.d"
printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=nobody\n' >"$root/etc/systemd/logind.conf.d/kill.conf"
mkdir "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/volatile.conf"
mkdir "$root/etc/systemd/system/systemd-udev-trigger.service.d"
cat >"$root/etc/systemd/system/systemd-udev-trigger.service.d/few.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=udevadm trigger --action=add --subsystem-match=pci --subsystem-match=virtio --subsystem-match=net \
  --subsystem-match=block --subsystem-match=misc
UNIT
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/locale/*

truncate -s 1G "$work/disk.raw"
mke2fs -q -t ext4 -d "$root" "$work/disk.raw"
rm -rf "$root"

# OpenSMTPD knows its spool and its control socket by fixed names: a mount
# namespace of its own gives each instance both.
set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/spool
mkdir -p /var/spool/smtpd
chmod 711 /var/spool/smtpd
exec /usr/sbin/smtpd -d -f "$1"

#!/bin/sh
# Turns a Debian 12 root file system that has packages.txt installed into an Exchange stand-in.
# Runs as root inside it, systemd not running; pip takes its settings (PIP_*) from the environment.
set -eu
here=/opt/exchange
cd "$here"

python3 -m venv --system-site-packages venv
./venv/bin/pip install --quiet --no-deps --require-hashes -r requirements.txt

install -d -m 0755 /etc/exchange

# One list of users, in the three spellings NTLM clients use (LAB\alice, alice, alice@lab.test) and as dovecot reads it.
grep -v '^#' users.txt | awk -F: '{ print; print ":" $2 ":" $3; print ":" $2 "@lab.test:" $3 }' > /etc/exchange/ntlm-users
grep -v '^#' users.txt | awk -F: '{ print $2 ":{PLAIN}" $3 "::::::" }' > /etc/dovecot/users
chown root:dovecot /etc/dovecot/users
chmod 0600 /etc/exchange/ntlm-users
chmod 0640 /etc/dovecot/users

getent passwd vmail > /dev/null || useradd --uid 5000 --no-create-home --home-dir /var/vmail --shell /usr/sbin/nologin vmail
install -d -o vmail -g vmail -m 0700 /var/vmail

install -m 0644 etc/dovecot.conf /etc/dovecot/dovecot.conf
install -m 0644 etc/main.cf /etc/postfix/main.cf
awk -F: '!/^#/ { printf "%s@lab.test %s/Maildir/\n", $2, $2 }' users.txt > /etc/postfix/mailboxes
postconf -M 'submission/inet=submission inet n - y - - smtpd -o syslog_name=postfix/submission -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes'

install -d /etc/systemd/system/dovecot.service.d
install -m 0644 etc/dovecot-greeting.conf /etc/systemd/system/dovecot.service.d/greeting.conf
install -m 0644 etc/exchange-standin.service /etc/systemd/system/exchange-standin.service
systemctl enable postfix.service dovecot.service exchange-standin.service
# Answers to resolv.conf as it changes: nothing here has a resolver.
systemctl disable postfix-resolvconf.path postfix-resolvconf.service

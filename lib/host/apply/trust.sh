# --- the CA trust ------------------------------------------------------------------

# Somebody has taken our CAs out of the host's bundle since the last deploy. certificate-check reads it, and HAProxy when it
# checks its new files, so this cannot wait until they are in place.
mend_trust() {
    [ -n "$(distrusted)" ] || return 0
    say "the host does not trust $(distrusted | paste -s -d ' ') any more; updating the CA trust"
    changed=yes
    update_trust >"$work/log" 2>&1 || fail "the CA trust could not be updated: $(tail -n 1 "$work/log"). $nothing Look at the CA bundle on the host and deploy again."
}

update_trust() {
    if command -v update-ca-trust >/dev/null; then
        update-ca-trust
    else
        update-ca-certificates || return 1
        # It does so itself only where it has added a CA.
        find -L /etc/ssl/certs -maxdepth 1 -type l -delete
    fi
}

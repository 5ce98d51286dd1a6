# --- the CA trust ------------------------------------------------------------------

# Updates the CA trust if the host's CA bundle lacks this library's CAs. Somebody may have removed them since the last
# deploy. The update must happen early: certificate-check and HAProxy's check of the new files read the bundle.
mend_trust() {
    [ -n "$(distrusted)" ] || return 0
    say "the host no longer trusts $(distrusted | paste -s -d ' '); updating the CA trust"
    changed=yes
    update_trust >"$work/log" 2>&1 || fail "the CA trust could not be updated: $(tail -n 1 "$work/log"). $nothing Check the CA bundle on the host and deploy again."
}

update_trust() {
    if command -v update-ca-trust >/dev/null; then
        update-ca-trust
    else
        update-ca-certificates || return 1
        # Removes links without a target. update-ca-certificates itself removes them only in a run that has added a CA.
        find -L /etc/ssl/certs -maxdepth 1 -type l -delete
    fi
}

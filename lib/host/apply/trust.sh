# --- the CA trust ------------------------------------------------------------------

update_trust() {
    if command -v update-ca-trust >/dev/null; then
        update-ca-trust
    else
        update-ca-certificates || return 1
        # It does so itself only where it has added a CA.
        find -L /etc/ssl/certs -maxdepth 1 -type l -delete
    fi
}

# Prints "part value" for each line of a manifest that begins with the variable `word`.
$1 == "part" { part = $2; next }
$1 == word && part != "" { sub(/^[^ ]+ /, ""); print part, $0 }
